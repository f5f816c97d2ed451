/** More about a chat: of two, the person; of more, the group. */
import { html } from '../html.mjs';
import { GroupPage } from '../groups/page.mjs';
import { chats } from '../state/world.mjs';
import { PersonPage } from './person.mjs';

/** @param {{parts: readonly string[]}} props the chat's id */
export function Info({ parts }) {
  const chat = chats.value.get(parts[0] ?? '');
  const peer = chat?.kind === 'direct' && chat.members.find(({ trust }) => trust !== 'me');
  if (peer) return html`<${PersonPage} parts=${[peer.account]} />`;
  return html`<${GroupPage} parts=${parts} />`;
}
