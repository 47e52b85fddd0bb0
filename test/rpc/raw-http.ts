import { type ClientRequest, type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';

/** What came over HTTP/1.1, byte for byte. */
export interface RawAnswer {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface RawRequest {
  readonly method?: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export function b64(text: string): string {
  return Buffer.from(text, 'latin1').toString('base64');
}

/** A request and its whole answer. */
export function exchange(url: string, options: RawRequest): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const sent = open(url, options, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (text: string) => {
        body += text;
      });
      response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, body }));
      response.on('error', reject);
    });
    sent.on('error', reject);
    sent.end(options.body);
  });
}

/** A request and the first lines of its answer, or all of it when it ends before; then the client goes. */
export function lines(
  url: string,
  options: RawRequest & { readonly count: number; readonly timeoutMs: number },
): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      sent.destroy();
      reject(new Error(`not ${options.count} lines within ${options.timeoutMs} ms`));
    }, options.timeoutMs);
    const sent = open(url, options, (response) => {
      let body = '';
      const done = (): void => {
        clearTimeout(timer);
        resolve({ status: response.statusCode, headers: response.headers, body });
        sent.destroy();
      };
      response.setEncoding('utf8');
      response.on('data', (text: string) => {
        body += text;
        if (body.split('\n').length > options.count) done();
      });
      response.on('end', done);
      response.on('error', () => undefined);
    });
    sent.on('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    sent.end(options.body);
  });
}

/** A POST whose body and answer are read and written bit by bit. */
export function openPost(url: string, onResponse: (response: IncomingMessage) => void): ClientRequest {
  return open(url, {}, onResponse);
}

function open(url: string, options: RawRequest, onResponse: (response: IncomingMessage) => void): ClientRequest {
  return request(url, { method: options.method ?? 'POST', headers: options.headers ?? {}, agent: false }, onResponse);
}
