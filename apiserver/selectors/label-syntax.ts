/** Qualified names and label values. Source: apimachinery pkg/util/validation. */

const NAME = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;
const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const MAX_NAME = 63;
const MAX_PREFIX = 253;

const NAME_TEXT =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const VALUE_TEXT =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
export const SUBDOMAIN_TEXT =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";

/** What is wrong with a label (or annotation, or finalizer) key; empty when nothing. */
export function validateLabelKey(key: string): readonly string[] {
  const parts = key.split('/');
  const name = parts.at(-1) as string;
  const problems: string[] = [];
  if (parts.length > 2) {
    return [
      `a qualified name ${NAME_TEXT} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ];
  }
  if (parts.length === 2) {
    const prefix = parts[0] as string;
    if (prefix === '') problems.push('prefix part must be non-empty');
    else problems.push(...validateSubdomain(prefix).map((text) => `prefix part ${text}`));
  }
  if (name === '') problems.push('name part must be non-empty');
  else if (name.length > MAX_NAME) problems.push(`name part must be no more than ${MAX_NAME} bytes`);
  if (!NAME.test(name)) problems.push(`name part ${NAME_TEXT}`);
  return problems;
}

export function validateLabelValue(value: string): readonly string[] {
  const problems: string[] = [];
  if (value.length > MAX_NAME) problems.push(`must be no more than ${MAX_NAME} bytes`);
  if (value !== '' && !NAME.test(value)) problems.push(VALUE_TEXT);
  return problems;
}

/** What is wrong with a DNS subdomain (RFC 1123): how most names are judged. */
export function validateSubdomain(name: string): readonly string[] {
  const problems: string[] = [];
  if (name.length > MAX_PREFIX) problems.push(`must be no more than ${MAX_PREFIX} bytes`);
  if (!SUBDOMAIN.test(name)) problems.push(SUBDOMAIN_TEXT);
  return problems;
}
