/**
 * What this window knows, as values: each signal holds a value that is never changed,
 * only replaced. `feed.mjs` is what replaces them; screens read.
 */
import { computed, signal } from '../html.mjs';

/**
 * @typedef {import('../types.mjs').Account} Account
 * @typedef {import('../types.mjs').Chat} Chat
 * @typedef {import('../types.mjs').Contact} Contact
 * @typedef {import('../types.mjs').Person} Person
 * @typedef {import('../types.mjs').Phase} Phase
 * @typedef {import('../types.mjs').RequestInfo} RequestInfo
 */

/** How far the client is: new, locked, opening, open, closed; null until it said so. */
export const phase = signal(/** @type {Phase | null} */ (null));

/** The own account. */
export const account = signal(/** @type {Account | null} */ (null));

/** All chats by id. */
export const chats = signal(/** @type {ReadonlyMap<string, Chat>} */ (new Map()));

/** Ids of chats, the one where something happened last first. */
export const recent = signal(/** @type {readonly string[]} */ ([]));

/** What waits for a decision, oldest first. */
export const requests = signal(/** @type {readonly RequestInfo[]} */ ([]));

/** Strangers ask by links only. */
export const lane = signal({ closed: false });

/** People by account. */
export const contacts = signal(/** @type {ReadonlyMap<string, Contact>} */ (new Map()));

/** Who types in a chat. */
export const typing = signal(/** @type {ReadonlyMap<string, readonly Person[]>} */ (new Map()));

/** Whether the first look at everything is done. */
export const loaded = signal(false);

/** Something that a person should know, the newest last. */
export const notices = signal(
  /** @type {readonly {code: string, message: string, next: string}[]} */ ([]),
);

/** Unread messages of all chats that are not muted. */
export const unreadTotal = computed(() => {
  let sum = 0;
  for (const chat of chats.value.values()) if (!chat.marks.muted && !chat.marks.archived) sum += chat.unread;
  return sum;
});

/**
 * The map with one entry replaced.
 * @template K, V
 * @param {ReadonlyMap<K, V>} map
 * @param {K} key
 * @param {V} value
 * @returns {ReadonlyMap<K, V>}
 */
export function set(map, key, value) {
  return new Map(map).set(key, value);
}

/**
 * The map without an entry.
 * @template K, V
 * @param {ReadonlyMap<K, V>} map
 * @param {K} key
 * @returns {ReadonlyMap<K, V>}
 */
export function without(map, key) {
  const rest = new Map(map);
  rest.delete(key);
  return rest;
}

/** Forget everything: the profile was closed. */
export function forget() {
  account.value = null;
  chats.value = new Map();
  recent.value = [];
  requests.value = [];
  contacts.value = new Map();
  typing.value = new Map();
  notices.value = [];
  loaded.value = false;
}
