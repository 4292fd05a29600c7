/** The knowledge domains that come with the extension. Their texts are sent only when a user chooses one, visibly, and can be replaced. */

import type { Domain } from './domain.ts';
import { codeReview, cryptography } from './for-code.ts';
import { incidentResponse, malwareTriage, threatIntelligence } from './for-cases.ts';
import { cloudConfiguration } from './for-cloud.ts';

const general: Domain = {
  id: 'general',
  title: 'General',
  description: 'No special instructions: the agent decides',
  instructions: '',
  prompts: [],
};

export const BUILT_IN_DOMAINS: readonly Domain[] = [
  general,
  codeReview,
  threatIntelligence,
  malwareTriage,
  incidentResponse,
  cloudConfiguration,
  cryptography,
];
