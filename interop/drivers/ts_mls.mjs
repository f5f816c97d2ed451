// ts-mls as a peer; interop/peer.py says what the methods do. Argument: node_modules.
//
// ts-mls can't propose an update of its own leaf. Handshakes go out as PublicMessages or
// PrivateMessages, as they are asked for.

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const home = path.resolve(process.argv[2], "ts-mls");
const load = (name) => import(pathToFileURL(path.join(home, "dist", "src", name)).href);
const mls = await load("index.js");
const { ratchetTreeEncoder, decodeRatchetTree } = await load("ratchetTree.js");
const { encode } = await load("codec/tlsEncoder.js");
const { varLenDataEncoder } = await load("codec/variableLength.js");
const { defaultClientConfig } = await load("clientConfig.js");

class Refusal extends Error {}

const suites = {};
const members = {};
const utf8 = new TextEncoder();
const bytes = (text) => new Uint8Array(Buffer.from(text, "base64"));
const text = (data) => Buffer.from(data).toString("base64");

function decoded(decoder, encoded, what) {
  const data = bytes(encoded);
  const found = decoder(data, 0);
  if (found === undefined || found[1] !== data.length) throw new Refusal(`not ${what}`);
  return found[0];
}

function messageOf(encoded, ...formats) {
  const message = decoded(mls.decodeMlsMessage, encoded, "an MLSMessage");
  if (!formats.includes(message.wireformat)) throw new Refusal(message.wireformat);
  return message;
}

function message(wireformat, body) {
  return text(mls.encodeMlsMessage({ version: "mls10", wireformat, ...body }));
}

function leafOf(member, name) {
  const wanted = Buffer.from(name);
  const node = member.state.ratchetTree.findIndex(
    (one) => one?.nodeType === "leaf" && wanted.equals(one.leaf.credential.identity),
  );
  if (node < 0) throw new Error(`${name} is no member`);
  return node / 2;
}

const treeOf = (state) => encode(ratchetTreeEncoder)(state.ratchetTree);
const keys = (member) => mls.makePskIndex(member.state, member.psks);
const addition = (encoded) => ({
  proposalType: "add",
  add: { keyPackage: messageOf(encoded, "mls_key_package").keyPackage },
});
const removal = (removed) => ({ proposalType: "remove", remove: { removed } });

// ts-mls 1.6.4 leaves out the length that HPKEPublicKey has inside `external_pub` (RFC 9420
// §12.4.3.2), when it writes and when it reads. Its calls take an implementation of the
// suite, so here it is mended from outside.
function writingLengths(impl) {
  const exportPublicKey = async (key) =>
    encode(varLenDataEncoder)(await impl.hpke.exportPublicKey(key));
  return { ...impl, hpke: { ...impl.hpke, exportPublicKey } };
}

function readingLengths(impl, size) {
  const importPublicKey = (key) => impl.hpke.importPublicKey(key.slice(-size));
  return { ...impl, hpke: { ...impl.hpke, importPublicKey } };
}

async function freshKeys(member, name) {
  // With GREASE (RFC 9420 §13.5), drawn anew each time.
  const capabilities = mls.defaultCapabilities();
  const credential = { credentialType: "basic", identity: utf8.encode(name) };
  const now = BigInt(Math.floor(Date.now() / 1000));
  const lifetime = { notBefore: now - 86400n, notAfter: now + 28n * 86400n };
  return mls.generateKeyPackageWithKey(
    credential,
    capabilities,
    lifetime,
    [],
    member.signatureKeys,
    member.impl,
  );
}

async function propose(who, proposal, hidden) {
  const member = members[who];
  const made = await mls.createProposal(member.state, !hidden, proposal, member.impl);
  member.state = made.newState;
  return text(mls.encodeMlsMessage(made.message));
}

// `processMessage` would do, but in 1.6.4 it forgets the keys for a PrivateMessage.
async function opened(member, encoded) {
  const got = messageOf(encoded, "mls_public_message", "mls_private_message");
  const { state, impl } = member;
  return got.wireformat === "mls_public_message"
    ? mls.processPublicMessage(state, got.publicMessage, keys(member), impl)
    : mls.processPrivateMessage(state, got.privateMessage, keys(member), impl);
}

const methods = {
  hello() {
    const { version } = JSON.parse(readFileSync(path.join(home, "package.json"), "utf8"));
    return { name: "ts-mls", version, can: ["external", "private", "psk", "mixed", "sequel"] };
  },

  async meet(who, suite, treeInside) {
    const name = Object.keys(mls.ciphersuites).find((one) => mls.ciphersuites[one] === suite);
    suites[suite] ??= await mls.getCiphersuiteImpl(mls.getCiphersuiteFromName(name));
    const impl = suites[suite];
    const signatureKeys = await impl.signature.keygen();
    members[who] = { impl, treeInside, signatureKeys, psks: {} };
  },

  async key_package(who) {
    const member = members[who];
    member.keys = await freshKeys(member, who);
    return message("mls_key_package", { keyPackage: member.keys.publicPackage });
  },

  know_psk(who, name, secret) {
    members[who].psks[name] = bytes(secret);
  },

  async create(who, groupId) {
    const member = members[who];
    const { publicPackage, privatePackage } = await freshKeys(member, who);
    member.state = await mls.createGroup(
      bytes(groupId),
      publicPackage,
      privatePackage,
      [],
      member.impl,
    );
  },

  async join(who, welcome, tree) {
    const member = members[who];
    member.state = await mls.joinGroup(
      messageOf(welcome, "mls_welcome").welcome,
      member.keys.publicPackage,
      member.keys.privatePackage,
      mls.makePskIndex(undefined, member.psks),
      member.impl,
      tree === null ? undefined : decoded(decodeRatchetTree, tree, "a tree"),
    );
  },

  async join_externally(who, info, resync) {
    const member = members[who];
    const { publicPackage, privatePackage } = await freshKeys(member, who);
    const made = await mls.joinGroupExternal(
      messageOf(info, "mls_group_info").groupInfo,
      publicPackage,
      privatePackage,
      resync,
      readingLengths(member.impl, publicPackage.initKey.length),
    );
    member.pending = made.newState;
    const commit = message("mls_public_message", { publicMessage: made.publicMessage });
    return { message: commit };
  },

  async group_info(who) {
    const { state, impl } = members[who];
    const mended = writingLengths(impl);
    const info = await mls.createGroupInfoWithExternalPubAndRatchetTree(state, [], mended);
    return message("mls_group_info", { groupInfo: info });
  },

  async commit(who, wish) {
    const member = members[who];
    const psks = wish.psks.map((name) => ({
      proposalType: "psk",
      psk: {
        preSharedKeyId: {
          psktype: "external",
          pskId: bytes(name),
          pskNonce: member.impl.rng.randomBytes(member.impl.kdf.size),
        },
      },
    }));
    const removals = wish.remove.map((name) => removal(leafOf(member, name)));
    const made = await mls.createCommit(
      { state: member.state, cipherSuite: member.impl, pskIndex: keys(member) },
      {
        wireAsPublicMessage: !wish.private,
        extraProposals: [...removals, ...wish.add.map(addition), ...psks],
        ratchetTreeExtension: member.treeInside,
      },
    );
    member.pending = made.newState;
    const commit = text(mls.encodeMlsMessage(made.commit));
    if (made.welcome === undefined) return { message: commit };
    const welcome = message("mls_welcome", { welcome: made.welcome });
    const tree = member.treeInside ? null : text(treeOf(made.newState));
    return { message: commit, welcome, tree };
  },

  apply(who) {
    const member = members[who];
    member.state = member.pending;
    member.pending = undefined;
  },

  drop(who) {
    members[who].pending = undefined;
  },

  propose_add: (who, keyPackage, hidden) => propose(who, addition(keyPackage), hidden),

  propose_remove: (who, name, hidden) =>
    propose(who, removal(leafOf(members[who], name)), hidden),

  propose_requirement(who, content) {
    const required = { extensionType: "required_capabilities", extensionData: bytes(content) };
    const proposal = {
      proposalType: "group_context_extensions",
      groupContextExtensions: { extensions: [required] },
    };
    return propose(who, proposal, false);
  },

  async ask(who, info) {
    const member = members[who];
    member.keys = await freshKeys(member, who);
    const { publicPackage, privatePackage } = member.keys;
    const { groupInfo } = messageOf(info, "mls_group_info");
    const { impl } = member;
    const made = await mls.proposeAddExternal(groupInfo, publicPackage, privatePackage, impl);
    return text(mls.encodeMlsMessage(made));
  },

  async end(who, groupId) {
    const member = members[who];
    const { state, impl } = member;
    const { extensions, cipherSuite } = state.groupContext;
    const next = [bytes(groupId), "mls10", cipherSuite, extensions];
    const made = await mls.reinitGroup(state, ...next, impl);
    member.pending = made.newState;
    return { message: text(mls.encodeMlsMessage(made.commit)) };
  },

  async follow_up(who, groupId, packages) {
    const member = members[who];
    const { state, impl } = member;
    const own = await freshKeys(member, who);
    const others = packages.map((one) => messageOf(one, "mls_key_package").keyPackage);
    const rest = [own.publicPackage, own.privatePackage, others];
    const { reinit } = state.groupActiveState;
    const made = reinit
      ? await mls.reinitCreateNewGroup(
          state,
          ...rest,
          reinit.groupId,
          reinit.cipherSuite,
          reinit.extensions,
        )
      : await mls.branchGroup(state, ...rest, bytes(groupId), impl);
    member.pending = made.newState;
    const commit = text(mls.encodeMlsMessage(made.commit));
    const welcome = message("mls_welcome", { welcome: made.welcome });
    return { message: commit, welcome, tree: text(treeOf(made.newState)) };
  },

  async join_next(who, welcome, tree) {
    const member = members[who];
    const { state, keys, impl } = member;
    const parts = [messageOf(welcome, "mls_welcome").welcome, keys.publicPackage];
    const rest = [keys.privatePackage, decoded(decodeRatchetTree, tree, "a tree")];
    member.state = state.groupActiveState.reinit
      ? await mls.joinGroupFromReinit(state, ...parts, ...rest)
      : await mls.joinGroupFromBranch(state, ...parts, ...rest, impl);
  },

  async protect(who, data) {
    const member = members[who];
    const made = await mls.createApplicationMessage(member.state, bytes(data), member.impl);
    member.state = made.newState;
    return message("mls_private_message", { privateMessage: made.privateMessage });
  },

  async process(who, sender, encoded) {
    const member = members[who];
    const epoch = member.state.groupContext.epoch;
    const got = await opened(member, encoded);
    member.state = got.newState;
    if (got.kind === "applicationMessage") {
      return { kind: "application", data: text(got.message) };
    }
    const removed = got.newState.groupActiveState.kind === "removedFromGroup";
    if (removed) return { kind: "removed" };
    return { kind: got.newState.groupContext.epoch === epoch ? "proposal" : "commit" };
  },

  async facts(who) {
    const { state, impl } = members[who];
    const secret = state.keySchedule.exporterSecret;
    const context = utf8.encode("context");
    return {
      epoch: Number(state.groupContext.epoch),
      authenticator: text(state.keySchedule.epochAuthenticator),
      exporter: text(await mls.mlsExporter(secret, "interop", context, 32, impl)),
      tree: text(treeOf(state)),
    };
  },

  state(who) {
    const state = mls.encodeGroupState(members[who].state);
    return createHash("sha256").update(state).digest("base64");
  },

  store(who) {
    members[who].stored = mls.encodeGroupState(members[who].state);
  },

  load(who) {
    const member = members[who];
    const [state] = mls.decodeGroupState(member.stored, 0);
    member.state = { ...state, clientConfig: defaultClientConfig };
  },

  leave(who) {
    members[who].state = undefined;
  },
};

async function answer(line) {
  const question = JSON.parse(line);
  try {
    return { ok: (await methods[question.do](...question.with)) ?? null };
  } catch (error) {
    // What ts-mls can't decode it may refuse by a TypeError from inside of it.
    const thrownHere = error.stack?.split("\n    at ")[1]?.includes("ts_mls.mjs");
    if (thrownHere && !(error instanceof Refusal)) return { fault: error.stack };
    return { refused: `${error.name}: ${error.message}` };
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(await answer(line))}\n`);
}
