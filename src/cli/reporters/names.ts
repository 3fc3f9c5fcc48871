/** Apart from the reporters themselves, so that other commands start without them. */
export const REPORTER_NAMES = ['spec', 'tap', 'junit', 'json', 'github'] as const;
export type ReporterName = (typeof REPORTER_NAMES)[number];
