// Runs cases in the MLS working group's formats through ts-mls.
//
// usage: node check_vectors.mjs < {"modules": DIRECTORY, "format": NAME, "cases": [...]}
// One line of JSON a case: {"held": true}, or {"held": false, "why": TEXT}. What is
// compared is said by each function; ours is checked by tools/mls_vectors.py.
import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";

const { modules, format, cases } = JSON.parse(fs.readFileSync(0, "utf8"));
const of = (name) =>
  import(pathToFileURL(path.join(modules, "ts-mls", "dist", "src", `${name}.js`)).href);
const names = [
  "clientState", "commit", "createCommit", "groupContext", "groupInfo", "groupSecrets",
  "keyPackage", "keyRetentionConfig", "keySchedule", "message", "messageProtection",
  "messageProtectionPublic", "pathSecrets", "presharedkey", "privateKeyPath",
  "processMessages", "proposal", "ratchetTree", "secretTree", "sender", "transcriptHash",
  "treeHash", "treemath", "parentHash", "updatePath", "welcome", "authenticatedContent",
  "leafNode", "codec/variableLength", "codec/tlsEncoder", "crypto/ciphersuite",
  "crypto/getCiphersuiteImpl", "crypto/hash", "crypto/hpke", "crypto/kdf",
  "crypto/signature", "framedContent",
];
const M = Object.assign({}, ...(await Promise.all(names.map(of))));

const bytes = (hex) => new Uint8Array(Buffer.from(hex, "hex"));
const hex = (data) => Buffer.from(data).toString("hex");
const text = (value) => new TextEncoder().encode(value);

function must(holds, what) {
  if (!holds) throw new Error(what);
}
function same(got, wanted, what) {
  const shown = got instanceof Uint8Array ? hex(got) : got;
  must(JSON.stringify(shown) === JSON.stringify(wanted), `${what} differs`);
}
function decoded(decode, encoded, what) {
  const data = bytes(encoded);
  const result = decode(data, 0);
  must(result !== undefined && result[1] === data.length, `${what} does not decode`);
  return result[0];
}
function again(decode, encoder, encoded, what) {
  const value = decoded(decode, encoded, what);
  same(M.encode(encoder)(value), encoded, what);
  return value;
}
// The suite of Privity's chats is not in ts-mls; it is put together of parts that are.
const OURS = "PRIVITY_X25519MLKEM768_AES256GCM_SHA384_Ed25519";
M.ciphersuites[OURS] = 0xf5a1;
async function suiteOf(code) {
  const name = M.getCiphersuiteNameFromId(code);
  must(name !== undefined, `no suite ${code}`);
  if (name !== OURS) return M.getCiphersuiteImpl(M.getCiphersuiteFromName(name));
  const hpke = { kem: "X-Wing", aead: "AES256GCM", kdf: "HKDF-SHA384" };
  const parts = { hash: "SHA-384", hpke, signature: "Ed25519", name };
  const suite = await M.getCiphersuiteImpl(parts);
  const derive = suite.hpke.deriveKeyPair;
  // Both hash the input to a seed with SHAKE256; ours stands behind a label.
  const labelled = (ikm) => derive(Buffer.concat([text("privity x-wing v1"), ikm]));
  return { ...suite, hpke: { ...suite.hpke, deriveKeyPair: labelled } };
}
function tryOr(undefinedValue, compute) {
  try {
    const value = compute();
    return Number.isNaN(value) || value === undefined ? undefinedValue : value;
  } catch {
    return undefinedValue;
  }
}
function contextOf(c, treeHash, epoch) {
  return {
    version: "mls10",
    cipherSuite: M.getCiphersuiteNameFromId(c.cipher_suite),
    groupId: bytes(c.group_id),
    epoch: BigInt(epoch),
    treeHash,
    confirmedTranscriptHash: bytes(c.confirmed_transcript_hash),
    extensions: [],
  };
}
async function refuse(action, what) {
  let refused = false;
  try {
    await action();
  } catch {
    refused = true;
  }
  must(refused, what);
}

const checks = {
  // Each header decodes to its length.
  async deserialization(c) {
    same(M.determineLength(bytes(c.vlbytes_header), 0).length, c.length, "length");
  },

  // root, left, right, parent and sibling wherever ours says that there is one.
  async "tree-math"(c) {
    same(M.nodeWidth(c.n_leaves), c.n_nodes, "n_nodes");
    same(M.root(c.n_leaves), c.root, "root");
    for (let at = 0; at < c.n_nodes; at++) {
      const relations = {
        left: () => M.left(at), right: () => M.right(at),
        parent: () => M.parent(at, c.n_leaves), sibling: () => M.sibling(at, c.n_leaves),
      };
      for (const [name, compute] of Object.entries(relations)) {
        if (c[name][at] !== null) same(tryOr(null, compute), c[name][at], `${name} of ${at}`);
      }
    }
  },

  async "crypto-basics"(c) {
    const s = await suiteOf(c.cipher_suite);
    const { ref_hash: r, expand_with_label: e, derive_secret: d, derive_tree_secret: t } = c;
    same(await M.refhash(r.label, bytes(r.value), s.hash), r.out, "ref_hash");
    const expanded = M.expandWithLabel(bytes(e.secret), e.label, bytes(e.context), e.length, s.kdf);
    same(await expanded, e.out, "expand_with_label");
    same(await M.deriveSecret(bytes(d.secret), d.label, s.kdf), d.out, "derive_secret");
    const tree = M.deriveTreeSecret(bytes(t.secret), t.label, t.generation, t.length, s.kdf);
    same(await tree, t.out, "derive_tree_secret");
    const g = c.sign_with_label;
    const verified = M.verifyWithLabel(
      bytes(g.pub), g.label, bytes(g.content), bytes(g.signature), s.signature,
    );
    must(await verified, "the signature does not verify");
    const h = c.encrypt_with_label;
    const key = await s.hpke.importPrivateKey(bytes(h.priv));
    const opened = await M.decryptWithLabel(
      key, h.label, bytes(h.context), bytes(h.kem_output), bytes(h.ciphertext), s.hpke,
    );
    same(opened, h.plaintext, "plaintext");
  },

  async "key-schedule"(c) {
    const s = await suiteOf(c.cipher_suite);
    let init = bytes(c.initial_init_secret);
    for (const [number, e] of c.epochs.entries()) {
      const context = contextOf({ ...c, ...e }, bytes(e.tree_hash), number);
      same(M.encode(M.groupContextEncoder)(context), e.group_context, "group_context");
      const made = await M.initializeEpoch(
        init, bytes(e.commit_secret), context, bytes(e.psk_secret), s.kdf,
      );
      const k = made.keySchedule;
      const all = {
        joiner_secret: made.joinerSecret, welcome_secret: made.welcomeSecret,
        encryption_secret: made.encryptionSecret, init_secret: k.initSecret,
        sender_data_secret: k.senderDataSecret, exporter_secret: k.exporterSecret,
        external_secret: k.externalSecret, confirmation_key: k.confirmationKey,
        membership_key: k.membershipKey, resumption_psk: k.resumptionPsk,
        epoch_authenticator: k.epochAuthenticator,
      };
      for (const [name, value] of Object.entries(all)) same(value, e[name], name);
      const pair = await s.hpke.deriveKeyPair(k.externalSecret);
      same(await s.hpke.exportPublicKey(pair.publicKey), e.external_pub, "external_pub");
      const x = e.exporter;
      const exported = M.mlsExporter(k.exporterSecret, x.label, bytes(x.context), x.length, s);
      same(await exported, x.secret, "exporter");
      init = k.initSecret;
    }
  },

  async psk_secret(c) {
    const s = await suiteOf(c.cipher_suite);
    const psks = c.psks.map((p) => [
      { psktype: "external", pskId: bytes(p.psk_id), pskNonce: bytes(p.psk_nonce) },
      bytes(p.psk),
    ]);
    same(await M.computePskSecret(psks, s), c.psk_secret, "psk_secret");
  },

  async "secret-tree"(c) {
    const s = await suiteOf(c.cipher_suite);
    const data = c.sender_data;
    const from = [s, bytes(data.sender_data_secret), bytes(data.ciphertext)];
    same(await M.expandSenderDataKey(...from), data.key, "sender data key");
    same(await M.expandSenderDataNonce(...from), data.nonce, "sender data nonce");
    const tree = await M.createSecretTree(c.leaves.length, bytes(c.encryption_secret), s.kdf);
    for (const [leaf, generations] of c.leaves.entries()) {
      for (const wanted of generations) {
        for (const kind of ["handshake", "application"]) {
          const start = tree[2 * leaf][kind];
          const [at] = await M.ratchetUntil(
            start, wanted.generation, M.defaultKeyRetentionConfig, s.kdf,
          );
          const key = await M.deriveKey(at.secret, wanted.generation, s);
          const nonce = await M.deriveNonce(at.secret, wanted.generation, s);
          same(key, wanted[`${kind}_key`], `${kind} key`);
          same(nonce, wanted[`${kind}_nonce`], `${kind} nonce`);
        }
      }
    }
  },

  // Every protected message opens, its signature verified with the case's key.
  async "message-protection"(c) {
    const s = await suiteOf(c.cipher_suite);
    const context = contextOf(c, bytes(c.tree_hash), c.epoch);
    const key = bytes(c.signature_pub);
    const leaf = { nodeType: "leaf", leaf: { signaturePublicKey: key } };
    const tree = [leaf, undefined, leaf];
    const bodies = {
      proposal: (x) => M.encode(M.proposalEncoder)(x.content.proposal),
      commit: (x) => M.encode(M.commitEncoder)(x.content.commit),
      application: (x) => x.content.applicationData,
    };
    for (const [kind, body] of Object.entries(bodies)) {
      const message = decoded(M.decodeMlsMessage, c[`${kind}_priv`], kind);
      const secrets = await M.createSecretTree(2, bytes(c.encryption_secret), s.kdf);
      const opened = await M.unprotectPrivateMessage(
        bytes(c.sender_data_secret), message.privateMessage, secrets, tree, context,
        M.defaultKeyRetentionConfig, s, key,
      );
      same(body(opened.content), c[kind], `${kind}_priv`);
      if (kind === "application") continue;
      const open = decoded(M.decodeMlsMessage, c[`${kind}_pub`], kind);
      const content = await M.unprotectPublicMessage(
        bytes(c.membership_key), context, tree, open.publicMessage, s, key,
      );
      same(body(content), c[kind], `${kind}_pub`);
      const wrong = bytes(c.membership_key);
      wrong[0] ^= 1;
      await refuse(
        () => M.unprotectPublicMessage(wrong, context, tree, open.publicMessage, s, key),
        "a wrong membership key opens a message",
      );
    }
  },

  async "transcript-hashes"(c) {
    const s = await suiteOf(c.cipher_suite);
    const signed = again(
      M.decodeAuthenticatedContent, M.authenticatedContentEncoder,
      c.authenticated_content, "authenticated_content",
    );
    const { wireformat, content, auth } = signed;
    const input = { wireformat, content, signature: auth.signature };
    const before = bytes(c.interim_transcript_hash_before);
    const confirmed = await M.createConfirmedHash(before, input, s.hash);
    same(confirmed, c.confirmed_transcript_hash_after, "confirmed_transcript_hash_after");
    const key = bytes(c.confirmation_key);
    must(await s.hash.verifyMac(key, auth.confirmationTag, confirmed), "a wrong tag");
    const interim = await M.createInterimHash(confirmed, auth.confirmationTag, s.hash);
    same(interim, c.interim_transcript_hash_after, "interim_transcript_hash_after");
  },

  async welcome(c) {
    const s = await suiteOf(c.cipher_suite);
    const { welcome } = decoded(M.decodeMlsMessage, c.welcome, "welcome");
    const { keyPackage } = decoded(M.decodeMlsMessage, c.key_package, "key_package");
    const name = await M.makeKeyPackageRef(keyPackage, s.hash);
    const key = await s.hpke.importPrivateKey(bytes(c.init_priv));
    const secrets = await M.decryptGroupSecrets(key, name, welcome, s.hpke);
    const none = new Uint8Array(s.kdf.size);
    const info = await M.decryptGroupInfo(welcome, secrets.joinerSecret, none, s);
    must(
      await M.verifyGroupInfoSignature(info, bytes(c.signer_pub), s.signature),
      "the GroupInfo's signature does not verify",
    );
    must(
      await M.verifyGroupInfoConfirmationTag(info, secrets.joinerSecret, none, s),
      "the confirmation tag is wrong",
    );
  },

  // Each structure decodes, and encodes to the same bytes.
  async messages(c) {
    const plain = {
      ratchet_tree: [M.decodeRatchetTree, M.ratchetTreeEncoder],
      group_secrets: [M.decodeGroupSecrets, M.groupSecretsEncoder],
      add_proposal: [M.decodeAdd, M.addEncoder],
      update_proposal: [M.decodeUpdate, M.updateEncoder],
      remove_proposal: [M.decodeRemove, M.removeEncoder],
      pre_shared_key_proposal: [M.decodePSK, M.pskEncoder],
      re_init_proposal: [M.decodeReinit, M.reinitEncoder],
      external_init_proposal: [M.decodeExternalInit, M.externalInitEncoder],
      group_context_extensions_proposal: [
        M.decodeGroupContextExtensions, M.groupContextExtensionsEncoder,
      ],
      commit: [M.decodeCommit, M.commitEncoder],
    };
    for (const [name, value] of Object.entries(c)) {
      const [decode, encoder] = plain[name] ?? [M.decodeMlsMessage, M.mlsMessageEncoder];
      again(decode, encoder, value, name);
    }
  },

  async "tree-validation"(c) {
    const s = await suiteOf(c.cipher_suite);
    const tree = again(M.decodeRatchetTree, M.ratchetTreeEncoder, c.tree, "tree");
    for (const [at, wanted] of c.tree_hashes.entries()) {
      same(await M.treeHash(tree, at, s.hash), wanted, `tree hash of ${at}`);
      same(M.resolution(tree, at), c.resolutions[at], `resolution of ${at}`);
    }
    must(await M.verifyParentHashes(tree, s.hash), "parent hashes are wrong");
    for (const [at, node] of tree.entries()) {
      if (node?.nodeType !== "leaf") continue;
      const { leaf } = node;
      const check =
        leaf.leafNodeSource === "key_package"
          ? M.verifyLeafNodeSignatureKeyPackage(leaf, s.signature)
          : M.verifyLeafNodeSignature(leaf, bytes(c.group_id), at / 2, s.signature);
      must(await check, `the signature of leaf ${at / 2} does not verify`);
    }
  },

  async "tree-operations"(c) {
    const s = await suiteOf(c.cipher_suite);
    const before = decoded(M.decodeRatchetTree, c.tree_before, "tree_before");
    same(await M.treeHashRoot(before, s.hash), c.tree_hash_before, "tree_hash_before");
    const proposal = again(M.decodeProposal, M.proposalEncoder, c.proposal, "proposal");
    const after = {
      add: () => M.addLeafNode(before, proposal.add.keyPackage.leafNode)[0],
      update: () => M.updateLeafNode(before, proposal.update.leafNode, c.proposal_sender),
      remove: () => M.removeLeafNode(before, proposal.remove.removed),
    }[proposal.proposalType]();
    same(M.encode(M.ratchetTreeEncoder)(after), c.tree_after, "tree_after");
    same(await M.treeHashRoot(after, s.hash), c.tree_hash_after, "tree_hash_after");
  },

  // Each given path merges, opens for every other member and leads to the commit secret.
  async treekem(c) {
    const s = await suiteOf(c.cipher_suite);
    const tree = decoded(M.decodeRatchetTree, c.ratchet_tree, "ratchet_tree");
    for (const given of c.update_paths) {
      const update = again(
        M.decodeUpdatePath, M.updatePathEncoder, given.update_path, "update_path",
      );
      const merged = await M.applyUpdatePath(tree, given.sender, update, s.hash);
      const treeHash = await M.treeHashRoot(merged, s.hash);
      same(treeHash, given.tree_hash_after, "tree_hash_after");
      const context = contextOf(c, treeHash, c.epoch);
      for (const member of c.leaves_private) {
        if (member.index === given.sender) continue;
        const secrets = Object.fromEntries(
          member.path_secrets.map((p) => [p.node, bytes(p.path_secret)]),
        );
        const keys = await M.toPrivateKeyPath(secrets, member.index, s);
        keys.privateKeys[2 * member.index] = bytes(member.encryption_priv);
        const opened = await M.applyUpdatePathSecret(
          merged, keys, given.sender, context, update, [], s,
        );
        same(opened.pathSecret, given.path_secrets[member.index], "path_secret");
        const above = await M.pathToRoot(merged, opened.nodeIndex, opened.pathSecret, s.kdf);
        const root = above[M.root(M.leafWidth(merged.length))];
        same(await M.deriveSecret(root, "path", s.kdf), given.commit_secret, "commit_secret");
      }
    }
  },

  "passive-client-welcome": follow,
  "passive-client-handling-commit": follow,
  "passive-client-random": follow,
};

// Refused, by whatever name: what comes before the last message must be taken.
checks.refusals = async (c) => {
  let state;
  try {
    state = await joined(c);
    if (c.message === null) throw new Taken();
    same(state.keySchedule.epochAuthenticator, c.initial_epoch_authenticator, "epoch");
    for (const message of c.before) state = await step(state, message, c);
  } catch (problem) {
    if (problem instanceof Taken) throw new Error(`${c.rule}: accepted`);
    if (c.message === null) return;
    throw new Error(`${c.rule}: does not get there: ${problem.message}`);
  }
  await refuse(() => step(state, c.message, c), `${c.rule}: accepted`);
};
class Taken extends Error {}

// The client joins, takes every proposal and commit, and comes to each authenticator.
async function follow(c) {
  let state = await joined(c);
  const authenticator = () => state.keySchedule.epochAuthenticator;
  same(authenticator(), c.initial_epoch_authenticator, "initial_epoch_authenticator");
  for (const [number, e] of c.epochs.entries()) {
    try {
      for (const message of [...e.proposals, e.commit]) state = await step(state, message, c);
      same(authenticator(), e.epoch_authenticator, "epoch_authenticator");
    } catch (problem) {
      throw new Error(`epoch ${number + 1}: ${problem.message}`);
    }
  }
}
function psks(state, c) {
  const name = (hex) => Buffer.from(hex, "hex").toString("base64");
  const external = c.external_psks.map((p) => [name(p.psk_id), bytes(p.psk)]);
  return M.makePskIndex(state, Object.fromEntries(external));
}
async function joined(c) {
  const s = await suiteOf(c.cipher_suite);
  const { keyPackage } = decoded(M.decodeMlsMessage, c.key_package, "key_package");
  const { welcome } = decoded(M.decodeMlsMessage, c.welcome, "welcome");
  const keys = {
    initPrivateKey: bytes(c.init_priv),
    hpkePrivateKey: bytes(c.encryption_priv),
    signaturePrivateKey: bytes(c.signature_priv),
  };
  const tree = c.ratchet_tree
    ? decoded(M.decodeRatchetTree, c.ratchet_tree, "ratchet_tree")
    : undefined;
  return M.joinGroup(welcome, keyPackage, keys, psks(undefined, c), s, tree);
}
async function step(state, message, c) {
  const s = await suiteOf(c.cipher_suite);
  const { wireformat, publicMessage, privateMessage } =
    decoded(M.decodeMlsMessage, message, "message");
  const open = wireformat === "mls_public_message"
    ? M.processPublicMessage(state, publicMessage, psks(state, c), s)
    : M.processPrivateMessage(state, privateMessage, psks(state, c), s);
  return (await open).newState;
}

for (const one of cases) {
  try {
    await checks[format](one);
    console.log(JSON.stringify({ held: true }));
  } catch (problem) {
    console.log(JSON.stringify({ held: false, why: String(problem.message ?? problem) }));
  }
}
