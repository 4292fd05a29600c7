/** Requests about an account rather than a session: tool servers, skills, tool clients, news. */
import type { Account } from '../accounts.ts';
import { Refusal } from '../state/model.ts';
import type { Store } from '../state/store.ts';
import type { ToolHub } from '../tool-hub/hub.ts';
import { addMcp, BYOT_URI, removeMcp, SKILLS_URI, userMcps } from './mcps.ts';
import { McpStatus } from '../../client/v3/gen/api_hub_pb.js';
import type { Asked, Payload } from './shapes.ts';
import { deleteSkill, skillDescription, uploadedSkill, uploadedSkills, uploadSkill } from './skills.ts';

type AboutAccount = Extract<
  Asked,
  {
    case:
      | 'listUserMcpsRequest'
      | 'addMcpRequest'
      | 'removeMcpRequest'
      | 'listSkillsRequest'
      | 'uploadSkillRequest'
      | 'getSkillRequest'
      | 'deleteSkillRequest'
      | 'listUploadedSkillsRequest'
      | 'listByotClientsRequest'
      | 'getWhatsNewRequest';
  }
>;

const NEWS = [
  { version: 2n, message: 'Tools of a connected editor: try `/demo tool NAME [JSON]`.' },
  {
    version: 1n,
    message: 'This is the **local sandbox**: programmed checks on this machine, no model. Try `/demo help`.',
  },
];

/** Throws Refusal. */
export async function accountAnswer(
  { store, hub }: { readonly store: Store; readonly hub: ToolHub },
  { id: user }: Account,
  asked: AboutAccount,
  reqId: string,
): Promise<Payload> {
  switch (asked.case) {
    case 'listUserMcpsRequest':
      return { case: 'listUserMcpsResponse', value: { success: true, mcps: userMcps(store, user) } };
    case 'addMcpRequest': {
      const mcp = addMcp(store, user, asked.value.name, asked.value.uri, reqId);
      return { case: 'addMcpResponse', value: { success: true, mcp } };
    }
    case 'removeMcpRequest':
      return { case: 'removeMcpResponse', value: { success: removeMcp(store, user, asked.value.id) } };
    case 'listSkillsRequest':
      return { case: 'listSkillsResponse', value: { success: true, mcps: await runtimeSkills(store, hub, user) } };
    case 'uploadSkillRequest':
      uploadSkill(store, user, asked.value.name, asked.value.content);
      return { case: 'uploadSkillResponse', value: { success: true } };
    case 'getSkillRequest': {
      const content = uploadedSkill(store, user, asked.value.name);
      if (content === undefined) throw new Refusal(404, 'Skill not found.');
      return { case: 'getSkillResponse', value: { success: true, content } };
    }
    case 'deleteSkillRequest':
      if (!deleteSkill(store, user, asked.value.name)) throw new Refusal(404, 'Skill not found.');
      return { case: 'deleteSkillResponse', value: { success: true } };
    case 'listUploadedSkillsRequest':
      return { case: 'listUploadedSkillsResponse', value: { success: true, names: uploadedSkills(store, user) } };
    case 'listByotClientsRequest': {
      const clients = (await hub.list(user, asked.value.forceRefresh)).map(({ name, lastSeen, isActive, tools }) => ({
        name,
        lastSeen: lastSeen / 1000,
        isActive,
        tools: tools.map((tool) => ({ name: tool.name, description: tool.description, source: 'byot' })),
      }));
      return { case: 'listByotClientsResponse', value: { success: true, clients } };
    }
    case 'getWhatsNewRequest': {
      const [latest] = NEWS;
      return { case: 'getWhatsNewResponse', value: { success: true, ...latest, entries: NEWS } };
    }
  }
}

/** What the account has uploaded, and what its connected clients offer as resources. */
async function runtimeSkills(store: Store, hub: ToolHub, user: string) {
  const uploaded = uploadedSkills(store, user).map((name) => ({
    name,
    description: skillDescription(uploadedSkill(store, user, name) ?? ''),
  }));
  const offered = (await hub.resources(user)).map(({ name, description }) => ({ name, description }));
  const server = (uri: string, skills: readonly { name: string; description: string }[]) => {
    const { id = '', name = '' } = userMcps(store, user).find((one) => one.uri === uri) ?? {};
    return { id, name, uri, status: McpStatus.MCP_RUNNING, tools: [], skills: [...skills] };
  };
  return [server(SKILLS_URI, uploaded), ...(offered.length === 0 ? [] : [server(BYOT_URI, offered)])];
}
