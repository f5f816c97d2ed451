/** The one place where the libraries come in: templates, hooks, signals. */
import { h } from 'preact';
import htm from 'htm';

export { Component, Fragment, createContext, h, render } from 'preact';
export {
  useCallback,
  useContext,
  useEffect,
  useId,
  useLayoutEffect,
  useMemo,
  useReducer,
  useRef,
  useState,
} from 'preact/hooks';
export {
  batch,
  computed,
  effect,
  signal,
  untracked,
  useComputed,
  useSignal,
  useSignalEffect,
} from '@preact/signals';

/** A tagged template that makes elements; it never parses HTML. */
export const html = htm.bind(h);
