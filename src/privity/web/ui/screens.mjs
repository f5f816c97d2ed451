/**
 * Every screen, by the first part of its address. A screen is a component that gets
 * `parts` and `query` of the route; its modules are fetched when it is first shown.
 */

/** @typedef {() => Promise<any>} Load */

/** What stands in the main pane. @type {Readonly<Partial<Record<string, Load>>>} */
export const SCREENS = {
  chat: () => import('./talk/page.mjs').then((module) => module.Talk),
  new: () => import('./people/new_chat.mjs').then((module) => module.NewChat),
  'new-group': () => import('./groups/new_group.mjs').then((module) => module.NewGroup),
  group: () => import('./groups/page.mjs').then((module) => module.GroupPage),
  info: () => import('./people/info.mjs').then((module) => module.Info),
  person: () => import('./people/person.mjs').then((module) => module.PersonPage),
  verify: () => import('./people/verify.mjs').then((module) => module.VerifyPage),
  media: () => import('./media/shared.mjs').then((module) => module.SharedMedia),
  settings: () => import('./settings/page.mjs').then((module) => module.Settings),
  repair: () => import('./health/page.mjs').then((module) => module.Health),
  health: () => import('./health/page.mjs').then((module) => module.Health),
  left: () => import('./left/page.mjs').then((module) => module.WhatLeft),
  about: () => import('./help/about.mjs').then((module) => module.About),
  requests: () => import('./requests/page.mjs').then((module) => module.Requests),
};

/** What stands over everything; gets `onClose`. @type {Readonly<Partial<Record<string, Load>>>} */
export const OVERLAYS = {
  mute: () => import('./chats/mute.mjs').then((module) => module.Mute),
  timer: () => import('./people/timer_dialog.mjs').then((module) => module.TimerDialog),
  shortcuts: () => import('./help/shortcuts.mjs').then((module) => module.ShortcutsSheet),
  viewer: () => import('./media/viewer.mjs').then((module) => module.Viewer),
  details: () => import('./talk/details.mjs').then((module) => module.Details),
};

/** What fills the window while no profile is open, by phase. @type {Readonly<Partial<Record<string, Load>>>} */
export const GATES = {
  new: () => import('./begin/gates.mjs').then((module) => module.NewGate),
  locked: () => import('./begin/gates.mjs').then((module) => module.LockedGate),
};
