/**
 * What happens, from the client to the screens: one `watch` for the whole window.
 *
 * After each new connection everything that is on the screen is asked for again, so
 * nothing that happened in between is missing.
 */
import { batch, effect } from '../html.mjs';
import { Failure, call, link, listen } from '../rpc.mjs';
import { forgetMessages } from './gone.mjs';
import { goTo, route } from '../router.mjs';
import { dropGone, forgetLog, logHears, refreshLogs } from './logs.mjs';
import { lookAtOwn } from '../people/faces.mjs';
import * as world from './world.mjs';

/** @typedef {import('../types.mjs').Chat} Chat */
/** @typedef {import('../types.mjs').Message} Message */

const TYPING_LASTS = 8000;
const AGAIN = 1000;
const MOST_NOTICES = 20;
const SOON = 200;

/** @type {Map<string, ReturnType<typeof setTimeout>>} */
const ends = new Map();
/** A chat that is open though the list leaves it out: empty notes, or a deleted one. */
let unlisted = '';
/** @type {AbortController | null} */
let watching = null;
let asking = 0;

/** Follow the client from now on. */
export function beginFeed() {
  listen('ui.phase', enter);
  effect(() => {
    if (link.value === 'up') askPhase();
    else stopWatching();
  });
}

/** Ask how far the client is. */
export async function askPhase() {
  try {
    enter(await call('ui.state'));
  } catch {
    // The connection went away; the next one asks again.
  }
}

/** Ask for chats, people and requests anew. */
export async function reload() {
  const [chats, people, requests] = await Promise.all([
    call('chats', { which: 'all' }),
    call('contacts'),
    call('requests'),
  ]);
  batch(() => {
    takeChats(chats.chats);
    world.contacts.value = new Map(people.contacts.map((/** @type {any} */ one) => [one.person.account, one]));
    world.requests.value = requests.requests;
    world.lane.value = { closed: requests.closed };
    world.loaded.value = true;
  });
}

/**
 * Show a chat that the list leaves out, until somebody lets go of it.
 * @param {string} id
 */
export async function bringBack(id) {
  const { chat } = await call('history', { chat: id, limit: 1 });
  unlisted = id;
  stir(id);
  takeChat(chat);
}

/** @param {string} id */
export function letGo(id) {
  if (unlisted !== id) return;
  unlisted = '';
  soon();
}

/** A chat began: people and requests stand otherwise now, and are asked for together. */
function soon() {
  clearTimeout(asking);
  asking = setTimeout(() => reload().catch(() => {}), SOON);
}

/** @param {import('../types.mjs').Phase} now */
function enter(now) {
  world.phase.value = now;
  if (now.phase === 'open') watch();
  else {
    stopWatching();
    world.forget();
  }
}

async function watch() {
  if (watching) return;
  const mine = new AbortController();
  watching = mine;
  try {
    await call('watch', {}, { onItem: hear, signal: mine.signal });
  } catch (error) {
    if (error instanceof Failure && error.code === 'lost') return;
  } finally {
    if (watching === mine) watching = null;
  }
  if (!mine.signal.aborted) setTimeout(askPhase, AGAIN);
}

function stopWatching() {
  watching?.abort();
  watching = null;
}

/** @param {any} item */
function hear(item) {
  batch(() => HEARD[/** @type {keyof typeof HEARD} */ (item.event)]?.(item));
}

const HEARD = {
  /** @param {any} item */
  ready({ account }) {
    world.account.value = account;
    lookAtOwn().catch(() => {});
    reload().catch(() => setTimeout(askPhase, AGAIN));
    refreshLogs();
  },

  /** @param {any} item */
  message({ change, message }) {
    if (change === 'new') arrived(message);
    // What is folded away is news to nobody, and nowhere the last word.
    else if (change !== 'folded' && world.chats.value.get(message.chat)?.last?.message === message.message) glance(message);
    logHears(change, message);
  },

  /** @param {any} item */
  sent({ sent }) {
    const chat = world.chats.value.get(sent.chat);
    if (chat?.last && chat.last.message === sent.message) {
      takeChat({ ...chat, last: { ...chat.last, state: sent.state } });
    }
    logHears('sent', sent);
  },

  /** @param {any} item */
  failed({ message }) {
    if (world.chats.value.get(message.chat)?.last?.message === message.message) glance(message);
    logHears('failed', message);
  },

  /** @param {any} item */
  request({ request }) {
    const others = world.requests.value.filter((one) => one.request !== request.request);
    world.requests.value = waits(request) ? [...others, request] : others;
  },

  /** @param {any} item */
  contact({ contact }) {
    const before = world.contacts.value.get(contact.person.account)?.state;
    if (!contact.state) {
      world.contacts.value = world.without(world.contacts.value, contact.person.account);
      return;
    }
    world.contacts.value = world.set(world.contacts.value, contact.person.account, contact);
    renamed(contact.person);
    // Whom one blocks is folded away in groups, with what they said before.
    if (before !== contact.state && [before, contact.state].includes('blocked')) {
      soon();
      refreshLogs();
    }
  },

  /** @param {any} item */
  chat({ chat }) {
    if (!world.chats.value.has(chat.chat)) stir(chat.chat);
    takeChat(chat);
    logHears('chat', chat);
  },

  /** @param {any} item */
  gone({ chat, messages }) {
    forgetMessages(chat, messages);
    dropGone(chat, messages);
    refreshChat(chat);
  },

  /** @param {any} item */
  chat_gone({ chat }) {
    dropChat(chat);
  },

  /** @param {any} item */
  typing({ chat, person, typing }) {
    types(chat, person, typing);
  },

  /** @param {any} item */
  notice({ code, message, next }) {
    world.notices.value = [...world.notices.value.slice(1 - MOST_NOTICES), { code, message, next }];
  },
};

/**
 * Whether somebody has to decide; what is held leads into a chat that is stuck here.
 * @param {import('../types.mjs').RequestInfo} request
 */
function waits({ state, into }) {
  return state === 'pending' || (state === 'held' && Boolean(into));
}

/**
 * A chat was deleted from this device, here or by a command.
 * @param {string} id
 */
function dropChat(id) {
  if (unlisted === id) unlisted = '';
  forgetLog(id);
  if (route.value.name === 'chat' && route.value.parts[0] === id) goTo('');
  world.chats.value = world.without(world.chats.value, id);
  world.recent.value = world.recent.value.filter((one) => one !== id);
}

/** @param {readonly Chat[]} all */
function takeChats(all) {
  const open = world.chats.value.get(unlisted);
  const alone = open && !all.some(({ chat }) => chat === unlisted) ? [open] : [];
  const shown = [...alone, ...all];
  world.chats.value = new Map(shown.map((chat) => [chat.chat, chat]));
  world.recent.value = shown.map((chat) => chat.chat);
}

/** @param {Message} message */
function arrived(message) {
  glance(message);
  stir(message.chat);
  // A chat that was deleted is there again with its first new message.
  if (message.kind === 'line' || !world.chats.value.has(message.chat)) refreshChat(message.chat);
  if (message.sender.trust === 'me') return;
  types(message.chat, message.sender, false);
  const chat = world.chats.value.get(message.chat);
  if (!chat || message.kind === 'line') return;
  // What is muted stays in the archive; anything else comes back with its news.
  const archived = chat.marks.archived && chat.marks.muted;
  takeChat({ ...chat, unread: chat.unread + 1, marks: { ...chat.marks, archived } });
}

/**
 * Members, title or what stands last in a chat changed: ask how they are now.
 * @param {string} id
 */
async function refreshChat(id) {
  const found = await call('history', { chat: id, limit: 1 }).catch(() => null);
  if (found) takeChat(found.chat);
}

/**
 * A chat as it is now.
 * @param {Chat} chat
 */
export function takeChat(chat) {
  if (!world.chats.value.has(chat.chat)) soon();
  world.chats.value = world.set(world.chats.value, chat.chat, chat);
}

/**
 * Put a message where the list shows the last one.
 * @param {Message} message
 */
export function glance(message) {
  const chat = world.chats.value.get(message.chat);
  if (!chat) return;
  const { message: id, time, sender, kind, state, text, file, what } = message;
  const mine = sender.trust === 'me';
  const last = { message: id, time, sender: sender.name, mine, kind, state, text: text || file?.name || '', what: what ?? '' };
  takeChat({ ...chat, last });
}

/**
 * Something happened in a chat: it goes to the top.
 * @param {string} id
 */
export function stir(id) {
  if (world.recent.value[0] === id) return;
  world.recent.value = [id, ...world.recent.value.filter((one) => one !== id)];
}

/** @param {import('../types.mjs').Person} person */
function renamed(person) {
  const changed = [...world.chats.value.values()].filter((chat) =>
    chat.members.some((one) => one.account === person.account),
  );
  if (!changed.length) return;
  const next = new Map(world.chats.value);
  for (const chat of changed) {
    const members = chat.members.map((one) => (one.account === person.account ? person : one));
    const title = chat.kind === 'direct' ? person.name : chat.title;
    next.set(chat.chat, { ...chat, members, title });
  }
  world.chats.value = next;
}

/**
 * @param {string} chat
 * @param {import('../types.mjs').Person} person
 * @param {boolean} on
 */
function types(chat, person, on) {
  const key = `${chat} ${person.account}`;
  clearTimeout(ends.get(key));
  ends.delete(key);
  const before = world.typing.value.get(chat) ?? [];
  const others = before.filter((one) => one.account !== person.account);
  if (on) ends.set(key, setTimeout(() => types(chat, person, false), TYPING_LASTS));
  if (!on && others.length === before.length) return;
  world.typing.value = world.set(world.typing.value, chat, on ? [...others, person] : others);
}
