/** What a segment brought that the user is to hear of when it is done with, as bits. */
export const NEWS = { readable: 1, end: 2, drain: 4, closed: 8 } as const;

export type News = (typeof NEWS)[keyof typeof NEWS];
