/** Tool hubs as the house asks for them. */

import type { ToolHubs } from '../../core/client-agent.ts';
import { parseEndpoint } from '../../core/endpoint.ts';
import type { Context } from './context.ts';
import { ToolHubClient } from './tool-hub.ts';

/** The hubs that a client of this key may register at. */
export function toolHubs(context: Context): ToolHubs {
  return {
    defaultOrigin: 'https://byot-hub.secgemini.google',
    open: ({ endpoint, name, server }) =>
      new ToolHubClient({ context: { ...context, endpoint: parseEndpoint(endpoint) }, name, server }),
  };
}
