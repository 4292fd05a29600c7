/** The features that do nothing before one of their commands runs, with the names of those commands. */

import type { FeedbackDesk } from './feedback/feedback-desk.ts';
import { lazyFeature } from './lazy-feature.ts';
import type { Feature, Services } from './services.ts';

export function addLazyFeatures(
  services: Services,
  add: (name: string, create: () => Feature) => unknown,
  feedbackDesk: () => Promise<FeedbackDesk>,
): void {
  add('publishing', () =>
    lazyFeature(async () => (await import('./publish/publish.feature.ts')).createPublishFeature(services), {
      publishSession: true,
      copyPublicLink: true,
      unpublishSession: true,
    }),
  );
  add('domains', () =>
    lazyFeature(async () => (await import('./domains/domains.feature.ts')).createDomainsFeature(services), {
      chooseDomain: true,
      newDomain: true,
      customInstructions: true,
      previewInstructions: true,
    }),
  );
  add('prompts', () =>
    lazyFeature(async () => (await import('./chat/prompts.feature.ts')).createPromptsFeature(services), {
      newPrompt: true,
    }),
  );
  add('fork', () =>
    lazyFeature(async () => (await import('./fork/fork.feature.ts')).createForkFeature(services), {
      forkSession: true,
      rewindSession: true,
      openLinkedSession: true,
    }),
  );
  add('batch', () =>
    lazyFeature(async () => (await import('./batch/batch.feature.ts')).createBatchFeature(services), {
      askEachFile: true,
      pauseFileQueue: true,
    }),
  );
  add('feedback', () =>
    lazyFeature(
      async () => {
        const { createFeedbackFeature } = await import('./feedback/feedback.feature.ts');
        return createFeedbackFeature(services, await feedbackDesk());
      },
      { rateAnswer: true, reportBug: true },
    ),
  );
  add('export', () =>
    lazyFeature(async () => (await import('./export/export.feature.ts')).createExportFeature(services), {
      exportSession: true,
      importSession: true,
    }),
  );
}
