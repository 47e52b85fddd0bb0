import type { BuiltInServices } from '../../apiserver/resources/services.ts';

/** Services that answer every question with itself. */
export const echoServices: BuiltInServices = {
  createToken: async (request) => request,
  reviewToken: async (review) => review,
  reviewSelf: async (review) => review,
  reviewSubjectAccess: async (review) => review,
  reviewSelfAccess: async (review) => review,
  reviewLocalAccess: async (review) => review,
  reviewSelfRules: async (review) => review,
};
