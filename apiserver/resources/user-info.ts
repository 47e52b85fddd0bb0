import type { Schema } from '../scheme/schema.ts';
import { list, map, shape, text } from '../scheme/shapes.ts';

export const userInfo: Schema = shape('io.k8s.api.authentication.v1.UserInfo', 'A user, as an authenticator sees it.', {
  username: text(1, 'Name.'),
  uid: text(2, 'Identity in time and space.'),
  groups: list(3, 'string', 'Groups the user is in.', { listType: 'atomic' }),
  extra: map(4, 'string-list', 'More from the authenticator.'),
});
