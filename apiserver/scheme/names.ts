/**
 * The forms that names take, with kube-apiserver's words for what is wrong. Each judge returns what is wrong, [] for nothing.
 * Source: apimachinery pkg/util/validation.
 */
const LABEL = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const SUBDOMAIN = `${LABEL}(\\.${LABEL})*`;
const LABEL_1035 = '[a-z]([-a-z0-9]*[a-z0-9])?';
const QUALIFIED = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]';
const CONFIG_KEY = '[-._a-zA-Z0-9]+';

const whole = (form: string): RegExp => new RegExp(`^${form}$`);
const LABEL_RE = whole(LABEL);
// The repetition of the subdomain form is checked label by label: linear whatever the text is.
const LABEL_1035_RE = whole(LABEL_1035);
const QUALIFIED_RE = /^(?:[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?)$/;
const CONFIG_KEY_RE = whole(CONFIG_KEY);

const LABEL_TEXT =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character";
const SUBDOMAIN_TEXT =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character";
const LABEL_1035_TEXT =
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character";
const QUALIFIED_TEXT =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";
const LABEL_VALUE_TEXT =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";
const CONFIG_KEY_TEXT = "a valid config key must consist of alphanumeric characters, '-', '_' or '.'";

/** Characters of a label, and of a subdomain. */
export const MAX_LABEL = 63;
export const MAX_SUBDOMAIN = 253;

const tooLong = (max: number): string => `must be no more than ${max} bytes`;

function regexText(text: string, form: string, ...examples: readonly string[]): string {
  // The two blanks before `or` are kube-apiserver's.
  return `${text} (e.g. ${examples.map((example) => `'${example}'`).join(',  or ')}, regex used for validation is '${form}')`;
}

/** Lower case letters, digits and dashes; at most 63. */
export function dns1123Label(value: string): readonly string[] {
  const errors = value.length > MAX_LABEL ? [tooLong(MAX_LABEL)] : [];
  if (!LABEL_RE.test(value)) {
    errors.push(isSubdomain(value) ? 'must not contain dots' : regexText(LABEL_TEXT, LABEL, 'my-name', '123-abc'));
  }
  return errors;
}

/** Labels with dots between them; at most 253 characters. */
export function dns1123Subdomain(value: string): readonly string[] {
  const errors = value.length > MAX_SUBDOMAIN ? [tooLong(MAX_SUBDOMAIN)] : [];
  if (!isSubdomain(value)) errors.push(regexText(SUBDOMAIN_TEXT, SUBDOMAIN, 'example.com'));
  return errors;
}

const isSubdomain = (value: string): boolean => value.split('.').every((label) => LABEL_RE.test(label));

/** A label that begins with a letter (services, CRD names). */
export function dns1035Label(value: string): readonly string[] {
  const errors = value.length > MAX_LABEL ? [tooLong(MAX_LABEL)] : [];
  if (!LABEL_1035_RE.test(value)) errors.push(regexText(LABEL_1035_TEXT, LABEL_1035, 'my-name', 'abc-123'));
  return errors;
}

/** A name that only has to fit in a URL's path (roles, bindings). `prefix`: it is a generateName. */
export function pathSegment(name: string, prefix: boolean): readonly string[] {
  if (!prefix && (name === '.' || name === '..')) return [`may not be '${name}'`];
  return ['/', '%'].filter((illegal) => name.includes(illegal)).map((illegal) => `may not contain '${illegal}'`);
}

/** `name` or `prefix/name`: label keys, annotation keys, finalizers. */
export function qualifiedName(value: string): readonly string[] {
  const errors: string[] = [];
  const parts = value.split('/');
  let name = value;
  if (parts.length === 2) {
    const prefix = parts[0] as string;
    name = parts[1] as string;
    if (prefix === '') errors.push('prefix part must be non-empty');
    else errors.push(...dns1123Subdomain(prefix).map((text) => `prefix part ${text}`));
  } else if (parts.length > 2) {
    return [
      `a qualified name ${regexText(QUALIFIED_TEXT, QUALIFIED, 'MyName', 'my.name', '123-abc')} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ];
  }
  if (name === '') errors.push('name part must be non-empty');
  else if (name.length > MAX_LABEL) errors.push(`name part ${tooLong(MAX_LABEL)}`);
  if (!QUALIFIED_RE.test(name)) {
    errors.push(`name part ${regexText(QUALIFIED_TEXT, QUALIFIED, 'MyName', 'my.name', '123-abc')}`);
  }
  return errors;
}

/** Values of labels. */
export function labelValue(value: string): readonly string[] {
  const errors = value.length > MAX_LABEL ? [tooLong(MAX_LABEL)] : [];
  if (value !== '' && !QUALIFIED_RE.test(value)) {
    errors.push(regexText(LABEL_VALUE_TEXT, `(${QUALIFIED})?`, 'MyValue', 'my_value', '12345'));
  }
  return errors;
}

/** Keys of ConfigMap.data and Secret.data. */
export function configMapKey(value: string): readonly string[] {
  const errors = value.length > MAX_SUBDOMAIN ? [`must be no more than ${MAX_SUBDOMAIN} characters`] : [];
  if (!CONFIG_KEY_RE.test(value))
    errors.push(regexText(CONFIG_KEY_TEXT, CONFIG_KEY, 'key.name', 'KEY_NAME', 'key-name'));
  if (value === '.') errors.push("must not be '.'");
  else if (value === '..') errors.push("must not be '..'");
  else if (value.startsWith('..')) errors.push("must not start with '..'");
  return errors;
}

/** A judge for names that may be prefixes: a trailing dash of a generateName is made good. Source: NameIsDNSSubdomain and its kin. */
export const nameJudge =
  (judge: (value: string) => readonly string[]) =>
  (name: string, prefix: boolean): readonly string[] =>
    judge(prefix && name.length > 1 && name.endsWith('-') ? `${name.slice(0, -2)}a` : name);
/** `dns1123Subdomain` for names and generateNames. */
export const subdomainName: (name: string, prefix: boolean) => readonly string[] = nameJudge(dns1123Subdomain);
/** `dns1123Label` for names and generateNames. */
export const labelName: (name: string, prefix: boolean) => readonly string[] = nameJudge(dns1123Label);
