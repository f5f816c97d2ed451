/** Blocking somebody, with what it means said before, and its end. */
import { t } from '../i18n.mjs';
import { confirm } from '../parts/dialog.mjs';
import { calm } from '../parts/name.mjs';
import { toast, toastFailure } from '../parts/toast.mjs';
import { call } from '../rpc.mjs';

/**
 * @param {import('../types.mjs').Person} person
 * @param {boolean} blocked
 */
export async function changeBlock(person, blocked) {
  const name = calm(person.name);
  const sure =
    !blocked ||
    (await confirm({ title: t('block.sure', { name }), text: t('block.meaning'), action: t('block.do'), danger: true }));
  if (!sure) return;
  await call('block', { who: person.account, blocked }).then(
    () => toast(t(blocked ? 'block.done' : 'block.undone', { name })),
    toastFailure,
  );
}
