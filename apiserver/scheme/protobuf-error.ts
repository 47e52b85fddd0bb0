/** Bytes that are not the protobuf message they should be: a 400, with the text of Kubernetes' decoder. */
export class ProtobufError extends Error {
  override readonly name = 'ProtobufError';
}
