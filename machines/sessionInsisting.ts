import { sessionSetup } from './sessionSetup.js';
import { suspendInput } from './sessionSuspension.js';

/** Looks once a second, and asks again every so often: an agent that is being resumed takes no notice of x2gosuspend-session. */
export const insistently = sessionSetup.createStateConfig({
  initial: 'looking',
  entry: 'forgetLooks',
  states: {
    looking: {
      description: 'Looks once a second.',
      entry: ['countLook', 'askAround'],
      after: {
        lookAgain: [
          { guard: 'isDueToAsk', target: 'askingAgain' },
          { target: 'looking', reenter: true },
        ],
      },
    },
    askingAgain: {
      description: 'The agent may have been between two states: it is told once more.',
      invoke: {
        id: 'insistence',
        src: 'endAgent',
        input: suspendInput,
        onDone: 'looking',
        onError: 'looking',
      },
    },
  },
});
