/** The shape of CustomResourceDefinition. Source: Kubernetes apiextensions.k8s.io/v1. */
import { objectMeta } from '../scheme/meta-v1.ts';
import type { Schema } from '../scheme/schema.ts';
import {
  bool,
  bytes,
  double,
  int32,
  int64,
  kind,
  list,
  map,
  message,
  rawJson,
  shape,
  text,
  time,
  union,
} from '../scheme/shapes.ts';

const PACKAGE = 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1';

/** Any JSON value. */
const json: Schema = {
  name: `${PACKAGE}.JSON`,
  description: 'Any JSON value.',
  proto: { number: 0, type: 'raw-json' },
};
const jsonSchemaPropsLater: Schema = { lazy: () => jsonSchemaProps };
const jsonSchemaPropsOrArray: Schema = {
  name: `${PACKAGE}.JSONSchemaPropsOrArray`,
  description: 'A schema or a list of schemas.',
  lazy: () => jsonSchemaProps,
};
const jsonSchemaPropsOrBool: Schema = {
  name: `${PACKAGE}.JSONSchemaPropsOrBool`,
  description: 'A schema or a boolean.',
  lazy: () => jsonSchemaProps,
};
const jsonSchemaPropsOrStringArray: Schema = {
  name: `${PACKAGE}.JSONSchemaPropsOrStringArray`,
  description: 'A schema or a list of texts.',
  lazy: () => jsonSchemaProps,
  proto: { number: 0, type: 'json-schema-or-strings' },
};

export const externalDocumentation: Schema = shape(`${PACKAGE}.ExternalDocumentation`, 'Where to read on.', {
  description: text(1, 'What is found there.'),
  url: text(2, 'The place.'),
});

export const validationRule: Schema = shape(`${PACKAGE}.ValidationRule`, 'One CEL rule.', {
  rule: text(1, 'The expression; must be true.', { required: true }),
  message: text(2, 'What to say when it is not.'),
  messageExpression: text(3, 'CEL expression that makes the message.'),
  reason: text(4, 'Machine-readable reason of the failure.', {
    optional: true,
    enum: ['FieldValueDuplicate', 'FieldValueForbidden', 'FieldValueInvalid', 'FieldValueRequired'],
  }),
  fieldPath: text(5, 'Field the failure is reported on.'),
  optionalOldSelf: bool(6, 'oldSelf is an optional; the rule is run on creation too.', { optional: true }),
});

export const jsonSchemaProps: Schema = shape(`${PACKAGE}.JSONSchemaProps`, 'A structural OpenAPI v3 schema.', {
  id: text(1, 'Identifier of the schema.'),
  $schema: text(2, 'Dialect of the schema.'),
  $ref: text(3, 'Refers to another schema.', { optional: true }),
  description: text(4, 'What the value is.'),
  type: text(5, 'object, array, string, integer, number or boolean.'),
  format: text(6, 'What the text or number stands for; unknown formats are ignored.'),
  title: text(7, 'Short name for the value.'),
  default: rawJson(8, json, 'Value for an absent property.'),
  maximum: double(9, 'Largest number.', { optional: true }),
  exclusiveMaximum: bool(10, 'The maximum itself is too large.'),
  minimum: double(11, 'Smallest number.', { optional: true }),
  exclusiveMinimum: bool(12, 'The minimum itself is too small.'),
  maxLength: int64(13, 'Most characters.', { optional: true }),
  minLength: int64(14, 'Fewest characters.', { optional: true }),
  pattern: text(15, 'Regular expression the text must match.'),
  maxItems: int64(16, 'Most items.', { optional: true }),
  minItems: int64(17, 'Fewest items.', { optional: true }),
  uniqueItems: bool(18, 'Items must differ.'),
  multipleOf: double(19, 'The number must be a multiple of this.', { optional: true }),
  enum: list(20, json, 'Values that are allowed.', { listType: 'atomic' }),
  maxProperties: int64(21, 'Most properties.', { optional: true }),
  minProperties: int64(22, 'Fewest properties.', { optional: true }),
  required: list(23, 'string', 'Properties that must be there.', { listType: 'atomic' }),
  items: union(24, 'json-schema-or-array', jsonSchemaPropsOrArray, 'Schema of the items.'),
  allOf: list(25, jsonSchemaPropsLater, 'All of these must hold.', { listType: 'atomic' }),
  oneOf: list(26, jsonSchemaPropsLater, 'Exactly one of these must hold.', { listType: 'atomic' }),
  anyOf: list(27, jsonSchemaPropsLater, 'One or more of these must hold.', { listType: 'atomic' }),
  not: message(28, jsonSchemaPropsLater, 'This must not hold.', { optional: true }),
  properties: map(29, jsonSchemaPropsLater, 'Schemas by property.'),
  additionalProperties: union(
    30,
    'json-schema-or-bool',
    jsonSchemaPropsOrBool,
    'Schema of properties not listed, or whether there may be any.',
  ),
  patternProperties: map(31, jsonSchemaPropsLater, 'Schemas by pattern of the property name.'),
  dependencies: map(32, jsonSchemaPropsOrStringArray, 'What a property asks of others.'),
  additionalItems: union(33, 'json-schema-or-bool', jsonSchemaPropsOrBool, 'Schema of items beyond those listed.'),
  definitions: map(34, jsonSchemaPropsLater, 'Schemas by name.'),
  externalDocs: message(35, externalDocumentation, 'Further reading.', { optional: true }),
  example: rawJson(36, json, 'An example value.'),
  nullable: bool(37, 'null is allowed.'),
  'x-kubernetes-preserve-unknown-fields': bool(38, 'Fields that the schema does not know are kept.', {
    optional: true,
  }),
  'x-kubernetes-embedded-resource': bool(39, 'The value is a whole object with apiVersion, kind and metadata.'),
  'x-kubernetes-int-or-string': bool(40, 'The value is an integer or a text.'),
  'x-kubernetes-list-map-keys': list(41, 'string', 'Properties that tell the items of a map list apart.', {
    listType: 'atomic',
  }),
  'x-kubernetes-list-type': text(42, 'How lists merge: atomic, set or map.', { optional: true }),
  'x-kubernetes-map-type': text(43, 'How maps merge: granular or atomic.', { optional: true }),
  'x-kubernetes-validations': list(44, validationRule, 'CEL rules that must hold.', {
    listType: 'map',
    listMapKeys: ['rule'],
    merge: 'rule',
  }),
});

export const serviceReference: Schema = shape(`${PACKAGE}.ServiceReference`, 'A service that webhook calls go to.', {
  namespace: text(1, 'Namespace of the service.', { required: true }),
  name: text(2, 'Name of the service.', { required: true }),
  path: text(3, 'URL path to call.', { optional: true }),
  port: int32(4, 'Port of the service; 443 unless told.', { optional: true }),
});

export const webhookClientConfig: Schema = shape(`${PACKAGE}.WebhookClientConfig`, 'How to reach a webhook.', {
  url: text(3, 'Its URL; or service.', { optional: true }),
  service: message(1, serviceReference, 'Its service; or url.', { optional: true }),
  caBundle: bytes(2, 'CA certificates (PEM) for its TLS certificate.'),
});

export const webhookConversion: Schema = shape(
  `${PACKAGE}.WebhookConversion`,
  'A webhook that converts between versions.',
  {
    clientConfig: message(2, webhookClientConfig, 'How to reach it.', { optional: true }),
    conversionReviewVersions: list(3, 'string', 'Versions of ConversionReview it understands, best first.', {
      required: true,
      listType: 'atomic',
    }),
  },
);

export const customResourceConversion: Schema = shape(
  `${PACKAGE}.CustomResourceConversion`,
  'How objects are converted between versions.',
  {
    strategy: text(1, 'None (only apiVersion changes) or Webhook.', { required: true }),
    webhook: message(2, webhookConversion, 'The webhook, with strategy Webhook.', { optional: true }),
  },
);

export const customResourceDefinitionNames: Schema = shape(
  `${PACKAGE}.CustomResourceDefinitionNames`,
  'The names of a custom resource.',
  {
    plural: text(1, 'Plural name, as in URLs.', { required: true }),
    singular: text(2, 'Singular name; kind in lower case unless told.'),
    shortNames: list(3, 'string', 'Short names.', { listType: 'atomic' }),
    kind: text(4, 'Kind of the objects.', { required: true }),
    listKind: text(5, 'Kind of the lists; <kind>List unless told.'),
    categories: list(6, 'string', 'Groups like "all" that include the resource.', { listType: 'atomic' }),
  },
);

export const customResourceValidation: Schema = shape(
  `${PACKAGE}.CustomResourceValidation`,
  'The schema of a version.',
  {
    openAPIV3Schema: message(1, jsonSchemaProps, 'The schema.', { optional: true }),
  },
);

export const customResourceSubresourceStatus: Schema = shape(
  `${PACKAGE}.CustomResourceSubresourceStatus`,
  'Turns /status on.',
  {},
);

export const customResourceSubresourceScale: Schema = shape(
  `${PACKAGE}.CustomResourceSubresourceScale`,
  'Turns /scale on.',
  {
    specReplicasPath: text(1, 'JSONPath of the wanted replicas, below .spec.', { required: true }),
    statusReplicasPath: text(2, 'JSONPath of the observed replicas, below .status.', { required: true }),
    labelSelectorPath: text(3, 'JSONPath of the label selector, below .spec or .status.', { optional: true }),
  },
);

export const customResourceSubresources: Schema = shape(
  `${PACKAGE}.CustomResourceSubresources`,
  'Which subresources there are.',
  {
    status: message(1, customResourceSubresourceStatus, 'Turns /status on.', { optional: true }),
    scale: message(2, customResourceSubresourceScale, 'Turns /scale on.', { optional: true }),
  },
);

export const customResourceColumnDefinition: Schema = shape(
  `${PACKAGE}.CustomResourceColumnDefinition`,
  'A column of kubectl get.',
  {
    name: text(1, 'Heading.', { required: true }),
    type: text(2, 'OpenAPI type of the cell.', { required: true }),
    format: text(3, 'OpenAPI format of the cell.'),
    description: text(4, 'What the cell shows.'),
    priority: int32(5, '0 is always shown, above only in wide output.'),
    jsonPath: text(6, 'Where in the object the cell comes from.', { required: true }),
  },
);

export const selectableField: Schema = shape(`${PACKAGE}.SelectableField`, 'A field for field selectors.', {
  jsonPath: text(1, 'JSONPath of the field.', { required: true }),
});

export const customResourceDefinitionVersion: Schema = shape(
  `${PACKAGE}.CustomResourceDefinitionVersion`,
  'One version of a custom resource.',
  {
    name: text(1, 'Name of the version, like v1beta1.', { required: true }),
    served: bool(2, 'It is served.', { required: true }),
    storage: bool(3, 'Objects are stored in this version; exactly one is.', { required: true }),
    deprecated: bool(7, 'Requests get a warning.'),
    deprecationWarning: text(8, 'Text of the warning.', { optional: true }),
    schema: message(4, customResourceValidation, 'Schema of the version.', { optional: true }),
    subresources: message(5, customResourceSubresources, 'Subresources of the version.', { optional: true }),
    additionalPrinterColumns: list(6, customResourceColumnDefinition, 'Columns of kubectl get.', {
      listType: 'atomic',
    }),
    selectableFields: list(9, selectableField, 'Fields for field selectors.', { listType: 'atomic' }),
  },
);

export const customResourceDefinitionSpec: Schema = shape(
  `${PACKAGE}.CustomResourceDefinitionSpec`,
  'How a custom resource looks.',
  {
    group: text(1, 'API group.', { required: true }),
    names: message(3, customResourceDefinitionNames, 'Names.', { required: true }),
    scope: text(4, 'Cluster or Namespaced.', { required: true }),
    versions: list(7, customResourceDefinitionVersion, 'Versions.', { required: true, listType: 'atomic' }),
    conversion: message(9, customResourceConversion, 'How versions convert.', { optional: true }),
    preserveUnknownFields: bool(10, 'Deprecated: must be false.'),
  },
);

export const customResourceDefinitionCondition: Schema = shape(
  `${PACKAGE}.CustomResourceDefinitionCondition`,
  'One observation about a definition.',
  {
    type: text(1, 'Established, NamesAccepted, Terminating and others.', { required: true }),
    status: text(2, 'True, False or Unknown.', { required: true }),
    lastTransitionTime: time(3, 'When status last changed.'),
    reason: text(4, 'Machine-readable reason.'),
    message: text(5, 'The same for people.'),
    observedGeneration: int64(6, 'Generation the observation is about.'),
  },
);

export const customResourceDefinitionStatus: Schema = shape(
  `${PACKAGE}.CustomResourceDefinitionStatus`,
  'How far the definition is in force.',
  {
    conditions: list(1, customResourceDefinitionCondition, 'Observations.', { listType: 'map', listMapKeys: ['type'] }),
    acceptedNames: message(2, customResourceDefinitionNames, 'Names that are served.'),
    storedVersions: list(3, 'string', 'Versions that objects may be stored in.', { listType: 'atomic' }),
    observedGeneration: int64(4, 'Generation last seen by the controller.'),
  },
);

export const customResourceDefinition: Schema = kind(
  `${PACKAGE}.CustomResourceDefinition`,
  { group: 'apiextensions.k8s.io', version: 'v1', kind: 'CustomResourceDefinition' },
  'A resource that is added to the API.',
  {
    metadata: message(1, objectMeta, 'Name, labels and the rest of what every object has.'),
    spec: message(2, customResourceDefinitionSpec, 'How it looks.', { required: true }),
    status: message(3, customResourceDefinitionStatus, 'How far it is in force.'),
  },
);
