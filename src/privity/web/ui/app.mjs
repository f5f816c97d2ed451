/** Begins the window: language, looks, session, connection, and then the screens. */
import { beginFocus } from './focus.mjs';
import { html, render } from './html.mjs';
import { beginKeys } from './keys.mjs';
import { beginRouting, goTo } from './router.mjs';
import { connect, link } from './rpc.mjs';
import { beginSession } from './session.mjs';
import { Shell } from './shell/shell.mjs';
import { beginFeed } from './state/feed.mjs';
import { beginFollowing } from './state/follow.mjs';
import { handed } from './state/handed.mjs';
import { beginReaching } from './state/online.mjs';
import { beginPrefs } from './state/prefs.mjs';

async function begin() {
  const root = document.getElementById('app');
  if (root === null) return;
  await Promise.all([beginPrefs(), enter()]);
  beginRouting();
  if (handed.value) goTo('new');
  beginFeed();
  beginFollowing();
  beginReaching();
  beginKeys();
  beginFocus();
  render(html`<${Shell} />`, root);
}

/** Come to the client; the words of the language are fetched meanwhile. */
async function enter() {
  try {
    handed.value = await beginSession();
    connect();
  } catch {
    link.value = 'over';
  }
}

begin();
