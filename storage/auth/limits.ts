/** Bounds of users and roles. They decide what an entry comes to, so they must be the same on every member. */
export const AUTH_LIMITS = {
  /** Users, roles, and permissions of one role; one more is refused with AUTH_INVALID_MANAGEMENT. etcd has no bound. */
  maxUsers: 100_000,
  maxRoles: 100_000,
  maxPermissionsOfRole: 10_000,
} as const;
