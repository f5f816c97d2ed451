-- {"ana": "428b22fbdc11c6770af386562e948c53", "ben": "9995a30d6e11bdb6a05d6607b61aee75"}
SELECT pg_catalog.set_config('search_path', '', false);
CREATE TABLE public.accounts (
    account_id bytea NOT NULL,
    identity_key bytea NOT NULL,
    registration bytea NOT NULL,
    device_list bytea NOT NULL,
    list_version bigint NOT NULL,
    mailbox_key_hash bytea NOT NULL,
    day bigint NOT NULL
);
CREATE TABLE public.closed_lanes (
    account_id bytea NOT NULL,
    doors bytea NOT NULL
);
CREATE TABLE public.codes (
    hash bytea NOT NULL,
    uses_left bigint,
    expires bigint NOT NULL
);
CREATE TABLE public.devices (
    account_id bytea NOT NULL,
    device_id bytea NOT NULL,
    login_key bytea NOT NULL,
    login_value bytea NOT NULL,
    mailbox_id bytea NOT NULL
);
CREATE TABLE public.disabled_accounts (
    account_id bytea NOT NULL
);
CREATE TABLE public.handles (
    name text NOT NULL,
    account_id bytea
);
CREATE TABLE public.key_packages (
    account_id bytea NOT NULL,
    device_id bytea NOT NULL,
    suite bigint NOT NULL,
    last_resort bigint NOT NULL,
    digest bytea NOT NULL,
    package bytea NOT NULL,
    not_after bigint NOT NULL
);
CREATE TABLE public.mailbox_entries (
    mailbox_id bytea NOT NULL,
    seq bigint NOT NULL,
    lane text NOT NULL,
    body bytea NOT NULL,
    day bigint NOT NULL
);
CREATE TABLE public.mailbox_heads (
    mailbox_id bytea NOT NULL,
    seq bigint NOT NULL
);
CREATE TABLE public.mailbox_idems (
    name bytea NOT NULL,
    digest bytea NOT NULL,
    day bigint NOT NULL
);
CREATE TABLE public.mark (
    one bigint NOT NULL,
    run bytea NOT NULL,
    count bigint NOT NULL,
    is_copy bigint NOT NULL,
    CONSTRAINT mark_one_check CHECK ((one = 1))
);
CREATE TABLE public.schema_version (
    one bigint NOT NULL,
    version bigint NOT NULL,
    CONSTRAINT schema_version_one_check CHECK ((one = 1))
);
CREATE TABLE public.self_storage (
    account_id bytea NOT NULL,
    version bigint NOT NULL,
    object bytea NOT NULL
);
CREATE TABLE public.tokens_issued (
    account_id bytea NOT NULL,
    device_id bytea NOT NULL,
    kind text NOT NULL,
    day bigint NOT NULL,
    count bigint NOT NULL
);
INSERT INTO public.accounts VALUES ('\x428b22fbdc11c6770af386562e948c53', '\x97c561c04474d07a129e139509d1bc054446b78694c934fe0a11d1d2628d1e07', '\x8efacce2fdc86cb5ff493f646615536804c51bf32bc21855be2b674fd39b6caa', '\x01428b22fbdc11c6770af386562e948c5397c561c04474d07a129e139509d1bc054446b78694c934fe0a11d1d2628d1e07000000000000000104f5a1000100010000410affaada087a9ff0763abec8dd8fec34b374099f0d095a7f2df3f48e5bf2cd56d846188c9472e0c31578115f832a482391861fa0f5cf355a5df8fd89c4232da882b4cdf9163f82e7c729dd33008e7ec4269db3affe283a87122649d95caea76d2901428b22fbdc11c6770af386562e948c5397c561c04474d07a129e139509d1bc054446b78694c934fe0a11d1d2628d1e0774099f0d095a7f2df3f48e5bf2cd56d846188c9472e0c31578115f832a482391ffaada087a9ff0763abec8dd8fec34b30000000000000001003437d32b7a1368e23d83a8a936b1357b3bdb4e67550115a5d37362c3651853efabe8bfebcf3d2a28a12fef749b148edc6741dfaa2e1f2d7d1b3e78e9903c0d09fcddd8646de6902ec1a2b7bf4af63f39b7f69759ff46663dc92fae84e5b348af2276c6c25dc68dedd31fb44ad273ed6c7b6789ef0ec10f35000207b6d58cf009', 1, '\xd782531ac916f09aed62833382c4927deb3740b13414c4588b68fb0e6dadeeed', 20717);
INSERT INTO public.accounts VALUES ('\x9995a30d6e11bdb6a05d6607b61aee75', '\x86acfb781ca0d5cbe8adabe96ee60c3ebca20d328d5108679a37d6ae1e797ca5', '\x2f0affb02e8930d7a70b42d6b57b93fbcc1aa7e627f901c27c3b5343f2f10a87', '\x019995a30d6e11bdb6a05d6607b61aee7586acfb781ca0d5cbe8adabe96ee60c3ebca20d328d5108679a37d6ae1e797ca5000000000000000104f5a1000100010000410ab0501347594dc6cc060d7b91675a7422a698c5ca6e5b4a30b97f346bb7fe281283bccc7d923ef5c778a9c5823b2c418a37dc467253741308cb69ebfb9da966260982b97c807f7302c55caa1008ea3de1abda294db7d1674fc8064fd96bba978b019995a30d6e11bdb6a05d6607b61aee7586acfb781ca0d5cbe8adabe96ee60c3ebca20d328d5108679a37d6ae1e797ca5a698c5ca6e5b4a30b97f346bb7fe281283bccc7d923ef5c778a9c5823b2c418ab0501347594dc6cc060d7b91675a74220000000000000001008ec426cc22d0cb4bdd9cd35704a5c6bf3fd1378ff6d5226310bcc112ba5acb4e8ba801986c8253d5ec4badafe2fb93f013e1f257e69fbed86d124e34d2d64f0b9ad6b635ab69f783a15f62c4b74c8993547017a7c46e0596b09a097ef162e7fdcc20306078b9c6e0d8cf9814b6d2133a95885525813371b7e320983756c0440c', 1, '\xee513dce05d8e20a2f5b8bb0053b868fff557fd0ce0c74ef7c3962f49edbd9ad', 20717);
INSERT INTO public.closed_lanes VALUES ('\x9995a30d6e11bdb6a05d6607b61aee75', '\x0000000000000000000000000000000000000000000000000000000000000000');
INSERT INTO public.codes VALUES ('\x3749cb48ee6e8dd6738012fc45cdabda219ccc1a1c46b6525d0f2072a65d90e4', 3, 0);
INSERT INTO public.devices VALUES ('\x428b22fbdc11c6770af386562e948c53', '\xffaada087a9ff0763abec8dd8fec34b3', '\x861fa0f5cf355a5df8fd89c4232da882b4cdf9163f82e7c729dd33008e7ec426', '\x5626b0975bd4cec8aa25e302f4e49210ca9dcb8ba8634110fef42c352f963b67', '\x9db3affe283a87122649d95caea76d29');
INSERT INTO public.devices VALUES ('\x9995a30d6e11bdb6a05d6607b61aee75', '\xb0501347594dc6cc060d7b91675a7422', '\x37dc467253741308cb69ebfb9da966260982b97c807f7302c55caa1008ea3de1', '\xbbf3fec21fe4113b6e316ef6ef5bee8ab80c7553d51428bfcbe181bebaf74f34', '\xabda294db7d1674fc8064fd96bba978b');
INSERT INTO public.handles VALUES ('ana', '\x428b22fbdc11c6770af386562e948c53');
INSERT INTO public.handles VALUES ('ben', '\x9995a30d6e11bdb6a05d6607b61aee75');
INSERT INTO public.mailbox_heads VALUES ('\x9db3affe283a87122649d95caea76d29', 348913424336);
INSERT INTO public.mailbox_heads VALUES ('\xabda294db7d1674fc8064fd96bba978b', 362051257030);
INSERT INTO public.schema_version VALUES (1, 5);
ALTER TABLE ONLY public.accounts
    ADD CONSTRAINT accounts_pkey PRIMARY KEY (account_id);
ALTER TABLE ONLY public.closed_lanes
    ADD CONSTRAINT closed_lanes_pkey PRIMARY KEY (account_id);
ALTER TABLE ONLY public.codes
    ADD CONSTRAINT codes_pkey PRIMARY KEY (hash);
ALTER TABLE ONLY public.devices
    ADD CONSTRAINT devices_mailbox_id_key UNIQUE (mailbox_id);
ALTER TABLE ONLY public.devices
    ADD CONSTRAINT devices_pkey PRIMARY KEY (account_id, device_id);
ALTER TABLE ONLY public.disabled_accounts
    ADD CONSTRAINT disabled_accounts_pkey PRIMARY KEY (account_id);
ALTER TABLE ONLY public.handles
    ADD CONSTRAINT handles_pkey PRIMARY KEY (name);
ALTER TABLE ONLY public.key_packages
    ADD CONSTRAINT key_packages_pkey PRIMARY KEY (account_id, device_id, suite, last_resort, digest);
ALTER TABLE ONLY public.mailbox_entries
    ADD CONSTRAINT mailbox_entries_pkey PRIMARY KEY (mailbox_id, seq);
ALTER TABLE ONLY public.mailbox_heads
    ADD CONSTRAINT mailbox_heads_pkey PRIMARY KEY (mailbox_id);
ALTER TABLE ONLY public.mailbox_idems
    ADD CONSTRAINT mailbox_idems_pkey PRIMARY KEY (name);
ALTER TABLE ONLY public.mark
    ADD CONSTRAINT mark_pkey PRIMARY KEY (one);
ALTER TABLE ONLY public.schema_version
    ADD CONSTRAINT schema_version_pkey PRIMARY KEY (one);
ALTER TABLE ONLY public.self_storage
    ADD CONSTRAINT self_storage_pkey PRIMARY KEY (account_id);
ALTER TABLE ONLY public.tokens_issued
    ADD CONSTRAINT tokens_issued_pkey PRIMARY KEY (account_id, device_id, kind, day);
CREATE INDEX entries_of_lane ON public.mailbox_entries USING btree (mailbox_id, lane);
CREATE INDEX handles_of_account ON public.handles USING btree (account_id);
