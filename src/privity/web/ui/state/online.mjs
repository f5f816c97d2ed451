/** Whether the client reaches its relay, as far as it has told. */
import { computed } from '../html.mjs';
import { phase } from './world.mjs';

export const isOnline = computed(() => phase.value?.online ?? true);
