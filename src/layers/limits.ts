/** What hosts and their applications take of each other at most: far above what they need, and no attack fills a machine. */

/** Datagrams that may wait for their missing pieces at one host; the oldest gives way. */
export const MAX_DATAGRAMS_REASSEMBLED_BY_A_HOST = 64;
/** More than this waiting, and messages are dropped: a peer that does not read must not cost us our memory. */
export const MAX_WEBSOCKET_BUFFERED_BYTES = 64 * 1024 * 1024;
/** DEFLATE itself cannot do more than 1,032 to 1; what comes near it, and is no small message, is a bomb. */
export const MAX_INFLATE_RATIO = 1000;
/** One line, its line end included. */
export const MAX_HTTP_LINE_BYTES = 8 * 1024;
/** Start line and header fields, and the trailers of a chunked body with them. */
export const MAX_HTTP_HEAD_BYTES = 16 * 1024;
export const MAX_HTTP_FIELDS = 100;
/** A request's body: this server has no use for any. A response's is as long as its server likes. */
export const MAX_HTTP_REQUEST_BODY_BYTES = 1024 * 1024;
/** What a client takes for one content: DEFLATE can make a thousand octets of one. */
export const MAX_HTTP_DECODED_BYTES = 64 * 1024 * 1024;
/** The largest packet that our machines take. */
export const MAX_MQTT_PACKET_BYTES = 1_048_576;
/** More levels than anybody needs; a filter of ten thousand is an attack on the broker's matching. */
export const MAX_MQTT_TOPIC_LEVELS = 128;
export const MAX_MQTT_SESSIONS = 10_000;
/** As many as mosquitto allows. */
export const MAX_MQTT_IN_FLIGHT = 20;
export const MAX_MQTT_SUBSCRIPTIONS_OF_A_SESSION = 1_000;
export const MAX_MQTT_RETAINED_TOPICS = 10_000;
/** What we offer and take at most, as RabbitMQ does. */
export const MAX_AMQP_FRAME_BYTES = 131_072;
/** The greatest message, as RabbitMQ has it; refused at its content header. */
export const MAX_QUEUE_MESSAGE_BYTES = 16_777_216;
export const MAX_QUEUES = 1_000;
export const MAX_CONSUMERS_OF_A_CHANNEL = 1_000;
/** Messages that wait for a connection. */
export const MAX_MESSAGES_WAITING_IN_A_PRODUCER = 1_000;
export const MAX_IPERF_STREAMS = 128;
