/**
 * What the verbs answer, as types; docs/spec/cli/*.json has the sentences.
 *
 * @typedef {{account: string, name: string, handle: string, trust: string, picture?: string}} Person
 * @typedef {{
 *   chat: string, kind: 'direct' | 'group' | string, title: string, status: string,
 *   cause: string, suite: number, unread: number, queued: number, missing: number,
 *   devices: number, agreed: number, agreed_upto: number, members: readonly Person[],
 *   marks: Marks, last: Last | null, timer?: number, blocked?: boolean,
 * }} Chat
 * @typedef {{
 *   pinned: boolean, muted: boolean, muted_until: number, archived: boolean,
 *   unread: boolean, mentions: number, draft: string,
 * }} Marks
 * @typedef {{
 *   message: string, time: number, sender: string, mine: boolean, kind: string,
 *   state: string, text: string, what: string, about?: string, about_me?: boolean,
 * }} Last
 * @typedef {{start: number, end: number, person: Person, name: string}} Mention
 * @typedef {{
 *   start: number, end: number, shown: string, target: string, host: string,
 *   opens: boolean, warnings: readonly string[],
 * }} Link
 * @typedef {{emoji: string, people: readonly Person[]}} Reaction
 * @typedef {{name: string, media_type: string, size: number, thumbnail?: string}} FileInfo
 * @typedef {{
 *   message: string, chat: string, seq: number, time: number, sender: Person,
 *   kind: 'text' | 'file' | 'line' | 'deleted' | 'unknown' | string, state: string,
 *   text: string, edited: boolean, reply_to: string, quote: string,
 *   reactions: readonly Reaction[], file?: FileInfo | null, what?: string,
 *   about?: Person | null, reason?: string,
 *   links?: readonly Link[], mentions?: readonly Mention[], delivered?: number, read?: number,
 *   lasts?: number, expires?: number, folded?: boolean,
 * }} Message
 * @typedef {{chat: Chat, messages: readonly Message[], more: boolean, read_upto: number}} History
 * @typedef {{message: string, chat: string, state: string, seq: number}} Sent
 * @typedef {{
 *   request: string, sender: Person, kind: string, title: string, text: string,
 *   by_link: boolean, received: number, state: string, into?: string, unsent?: number,
 * }} RequestInfo
 * @typedef {{person: Person, state: string, nickname: string, chat: string}} Contact
 * @typedef {{
 *   account: string, device: string, name: string, handle: string, host: string,
 *   url: string, suite: number, holds_identity_key: boolean, recovery: string,
 *   recovery_checked: number,
 * }} Account
 * @typedef {{
 *   phase: 'new' | 'locked' | 'opening' | 'open' | 'closed', profile: string,
 *   relay: string, version: string,
 *   error: {code: string, message: string, next: string} | null, online?: boolean,
 *   recovery_due?: boolean, next_try?: number, problem?: string,
 * }} Phase
 */
export {};
