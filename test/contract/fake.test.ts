import { SecGeminiError } from '../../src/core/errors.ts';
import { FakeService } from '../fakes/fake-service.ts';
import { describeClientContract } from './client-contract.ts';

// The unit tests of the rooms above the wire trust the fake: it has to keep what the real ones promise.
describeClientContract(
  'the fake',
  async () => {
    const client = new FakeService();
    return {
      client,
      stranger: () => {
        const stranger = new FakeService();
        stranger.failNext.set('account', new SecGeminiError('unauthenticated', 'Unknown key.'));
        return stranger;
      },
      stop: () => client.close(),
    };
  },
  { prompt: 'hello', slowPrompt: '/slow', longPrompt: '/slow', confirmPrompt: undefined },
);
