/** One method of a gRPC service: where it is and how its messages are coded. Errors of the decoders: WireError. */
export interface Method<Request, Response> {
  /** `/package.Service/Name` */
  readonly path: string;
  readonly requestStream: boolean;
  readonly responseStream: boolean;
  readonly encodeRequest: (message: Request) => Uint8Array;
  readonly decodeRequest: (bytes: Uint8Array) => Request;
  readonly encodeResponse: (message: Response) => Uint8Array;
  readonly decodeResponse: (bytes: Uint8Array) => Response;
}
