import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from './process.ts';

/** A certificate and its key, as files. */
export interface Identity {
  readonly cert: string;
  readonly key: string;
}

export interface IssueOptions {
  /** Common name; none when ''. */
  readonly commonName: string;
  /** `DNS:name`, `IP:address`; none unless given. */
  readonly names?: readonly string[];
  /** `clientAuth`, `serverAuth`; both unless given, no extension at all when empty. */
  readonly usages?: readonly string[];
  /** Its last second, as `YYYYMMDDHHMMSSZ`; a year from now unless given. */
  readonly notAfter?: string;
}

/** A certificate authority made by OpenSSL, so that certificates and revocations are not of our own making. */
export class Authority {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** Makes one in a folder of its own inside `parent`. */
  static async create(parent: string, name: string): Promise<Authority> {
    const authority = new Authority(join(parent, name));
    await mkdir(authority.#folder, { recursive: true });
    await writeFile(authority.#path('index.txt'), '');
    await writeFile(authority.#path('serial'), '1000\n');
    await writeFile(authority.#path('crlnumber'), '01\n');
    await writeFile(authority.#path('ca.cnf'), configuration(authority.#folder));
    await authority.#openssl(
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '30'],
      ...['-config', authority.#path('ca.cnf'), '-extensions', 'ca_extensions', '-subj', `/CN=${name}`],
      ...['-keyout', authority.#path('ca.key'), '-out', authority.ca],
    );
    return authority;
  }

  /** The authority's own certificate. */
  get ca(): string {
    return this.#path('ca.crt');
  }

  async issue(file: string, options: IssueOptions): Promise<Identity> {
    const { commonName, names = [], usages = ['clientAuth', 'serverAuth'], notAfter } = options;
    const [key, csr, cert, extensions] = ['key', 'csr', 'crt', 'ext'].map((end) => this.#path(`${file}.${end}`)) as [
      string,
      string,
      string,
      string,
    ];
    await writeFile(
      extensions,
      [
        'basicConstraints=CA:FALSE',
        'keyUsage=digitalSignature',
        ...(usages.length === 0 ? [] : [`extendedKeyUsage=${usages.join(',')}`]),
        ...(names.length === 0 ? [] : [`subjectAltName=${names.join(',')}`]),
      ].join('\n'),
    );
    await this.#openssl(
      ...[
        'req',
        '-new',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:P-256',
        '-nodes',
        '-config',
        this.#path('ca.cnf'),
      ],
      ...['-subj', commonName === '' ? '/O=nameless' : `/CN=${commonName}`, '-keyout', key, '-out', csr],
    );
    await this.#openssl(
      ...['ca', '-batch', '-notext', '-config', this.#path('ca.cnf'), '-extfile', extensions, '-in', csr, '-out', cert],
      ...(notAfter === undefined ? ['-days', '20'] : ['-startdate', '20200101000000Z', '-enddate', notAfter]),
    );
    return { cert, key };
  }

  async revoke({ cert }: Identity): Promise<void> {
    await this.#openssl('ca', '-config', this.#path('ca.cnf'), '-revoke', cert);
  }

  /** Writes the list of what is revoked so far, DER or PEM. */
  async writeCrl(path: string, form: 'DER' | 'PEM' = 'DER'): Promise<void> {
    const pem = this.#path('list.pem');
    await this.#openssl('ca', '-gencrl', '-config', this.#path('ca.cnf'), '-crldays', '20', '-out', pem);
    if (form === 'PEM') await copyFile(pem, path);
    else await this.#openssl('crl', '-in', pem, '-outform', 'DER', '-out', path);
  }

  #path(name: string): string {
    return join(this.#folder, name);
  }

  async #openssl(...args: readonly string[]): Promise<void> {
    const { code, stderr } = await run('openssl', args);
    if (code !== 0) throw new Error(`openssl ${args.join(' ')}: ${stderr}`);
  }
}

/** Certificate and key as PEM, for clients that take no files. */
export async function pemOf({ cert, key }: Identity): Promise<{ readonly cert: Buffer; readonly key: Buffer }> {
  return { cert: await readFile(cert), key: await readFile(key) };
}

function configuration(folder: string): string {
  return `
[ca]
default_ca = own
[own]
database = ${folder}/index.txt
serial = ${folder}/serial
crlnumber = ${folder}/crlnumber
new_certs_dir = ${folder}
certificate = ${folder}/ca.crt
private_key = ${folder}/ca.key
default_md = sha256
policy = any
unique_subject = no
copy_extensions = none
[any]
commonName = optional
organizationName = optional
[req]
distinguished_name = name
prompt = no
[name]
CN = unused
[ca_extensions]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign,digitalSignature
subjectKeyIdentifier = hash
`;
}
