// The group of `crowds` as ts-mls does it: a program that `crowds_of_peers` runs.
// node crowds_ts_mls.mjs PEERS SIZE, with ts-mls in PEERS/node_modules.

import { createInterface } from "node:readline";
import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";

const [peers, size] = [path.resolve(process.argv[2]), Number(process.argv[3])];
const entry = createRequire(path.join(peers, "package.json")).resolve("ts-mls");
const mls = await import(pathToFileURL(entry).href);
const NAME = "MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519";
const suite = await mls.getCiphersuiteImpl(mls.getCiphersuiteFromName(NAME));
const able = {
  versions: ["mls10"],
  ciphersuites: [NAME],
  extensions: [],
  proposals: [],
  credentials: ["basic"],
};
const utf8 = new TextEncoder();
const MESSAGES = 30;
const LARGE = 4096;
const SMALL = 100;

const wall = process.env.BENCH_CLOCK === "wall";
function now() {
  if (wall) return performance.now();
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e3;
}

async function timed(work) {
  const began = now();
  const made = await work();
  return [now() - began, made];
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

const decoded = (bytes) => mls.decodeMlsMessage(bytes, 0)[0];
const encoded = (wireformat, key, value) =>
  mls.encodeMlsMessage({ version: "mls10", wireformat, [key]: value });

const people = [];
for (let at = 0; at < size; at++)
  people.push(
    await mls.generateKeyPackage(
      { credentialType: "basic", identity: utf8.encode(`m${at}`) },
      able,
      mls.defaultLifetime,
      [],
      suite,
    ),
  );

function commit(state, proposals) {
  return mls.createCommit(
    { state, cipherSuite: suite },
    {
      extraProposals: proposals,
      ratchetTreeExtension: true,
      wireAsPublicMessage: true,
    },
  );
}

async function addAll() {
  const me = people[0];
  const group = await mls.createGroup(
    utf8.encode("crowd"), me.publicPackage, me.privatePackage, [], suite,
  );
  const adds = people.slice(1).map(({ publicPackage }) => ({
    proposalType: "add",
    add: { keyPackage: publicPackage },
  }));
  return timed(async () => {
    const made = await commit(group, adds);
    mls.encodeMlsMessage(made.commit);
    return {
      state: made.newState,
      welcome: encoded("mls_welcome", "welcome", made.welcome),
    };
  });
}

function join(who, welcome) {
  const { publicPackage, privatePackage } = people[who];
  const { welcome: opened } = decoded(welcome);
  return mls.joinGroup(opened, publicPackage, privatePackage, mls.emptyPskIndex, suite);
}

async function follow(state, bytes) {
  const { publicMessage } = decoded(bytes);
  const after = await mls.processPublicMessage(
    state, publicMessage, mls.emptyPskIndex, suite,
  );
  return after.newState;
}

const states = new Map();

async function update(who) {
  const [create, [made, bytes]] = await timed(async () => {
    const fresh = await commit(states.get(who), []);
    return [fresh, mls.encodeMlsMessage(fresh.commit)];
  });
  const took = [];
  for (const [other, state] of states) {
    if (other === who) continue;
    const [process, after] = await timed(() => follow(state, bytes));
    took.push(process);
    states.set(other, after);
  }
  states.set(who, made.newState);
  return [create, median(took), bytes];
}

async function protect(length) {
  const data = crypto.getRandomValues(new Uint8Array(length));
  const made = await mls.createApplicationMessage(states.get(0), data, suite);
  states.set(0, made.newState);
  return encoded("mls_private_message", "privateMessage", made.privateMessage);
}

async function unprotect(bytes) {
  const { privateMessage } = decoded(bytes);
  const opened = await mls.processPrivateMessage(
    states.get(1), privateMessage, mls.emptyPskIndex, suite,
  );
  states.set(1, opened.newState);
}

async function talk(length, protectName, unprotectName, stored) {
  const sent = [];
  const [sealing] = await timed(async () => {
    for (let i = 0; i < MESSAGES; i++) {
      sent.push(await protect(length));
      if (stored) mls.encodeGroupState(states.get(0));
    }
  });
  const [opening] = await timed(async () => {
    for (const bytes of sent) {
      await unprotect(bytes);
      if (stored) mls.encodeGroupState(states.get(1));
    }
  });
  return [
    [protectName, sealing / MESSAGES],
    [unprotectName, opening / MESSAGES],
  ];
}

async function measure() {
  const found = [];
  const [adding, { welcome }] = await addAll();
  found.push(["add all: create", adding]);
  found.push(["join", (await timed(() => join(size - 1, welcome)))[0]]);
  if (size > 2) {
    const remove = { proposalType: "remove", remove: { removed: size - 2 } };
    const [took] = await timed(async () =>
      mls.encodeMlsMessage((await commit(states.get(0), [remove])).commit),
    );
    found.push(["remove: create", took]);
  }
  const [create, process] = await update(0);
  found.push(["self-update: create", create], ["self-update: process", process]);
  found.push(...(await talk(SMALL, "protect 100 B", "unprotect 100 B", false)));
  found.push(...(await talk(LARGE, "protect 4 KiB", "unprotect 4 KiB", false)));
  found.push(
    ...(await talk(SMALL, "protect 100 B and dump", "unprotect 100 B and dump", true)),
  );
  const [storing] = await timed(async () => {
    const made = await commit(states.get(0), []);
    mls.encodeMlsMessage(made.commit);
    mls.encodeGroupState(made.newState);
  });
  found.push(["self-update: create and dump", storing]);
  const stored = mls.encodeGroupState(states.get(0));
  found.push(["load", (await timed(() => mls.decodeGroupState(stored, 0)))[0]]);
  return found;
}

async function sizes() {
  const [, { welcome }] = await addAll();
  const { commit: message } = await commit(states.get(0), []);
  const sealed = await protect(SMALL);
  await unprotect(sealed);
  return [
    ["state by member", mls.encodeGroupState(states.get(0)).length / size],
    ["Welcome of all, tree inside", welcome.length],
    ["commit of a self-update", mls.encodeMlsMessage(message).length],
    ["message of 100 B", sealed.length],
  ];
}

const say = (value) => process.stdout.write(JSON.stringify(value) + "\n");

const [, first] = await addAll();
const powers = [...Array(32).keys()].map((level) => 2 ** level);
const tracked = [...new Set([0, ...powers.filter((at) => at < size), size - 1])];
states.set(0, first.state);
for (const who of tracked.slice(1)) states.set(who, await join(who, first.welcome));
for (const who of tracked) await update(who);
const kept = [0, 1, tracked[tracked.length >> 1], size - 1];
for (const who of tracked) if (!kept.includes(who)) states.delete(who);

say("ready");
for await (const line of createInterface({ input: process.stdin }))
  say(await (line.trim() === "measure" ? measure() : sizes()));
