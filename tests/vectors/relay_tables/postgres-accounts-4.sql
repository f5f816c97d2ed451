-- {"ana": "9ab1c2376a98848af0cfaf98dd2e6eeb", "ben": "bf39500afc3c596bdca0db27c4d11d6d"}
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
INSERT INTO public.accounts VALUES ('\x9ab1c2376a98848af0cfaf98dd2e6eeb', '\xc7324ace840c2bcf86832c9c49ebb89b52dafe1c3208ed519bc0238c06ad4e18', '\x0a6ef5429b3d843ccd88de0914d787c4272eb2ce333ab4453f18427ea56da387', '\x019ab1c2376a98848af0cfaf98dd2e6eebc7324ace840c2bcf86832c9c49ebb89b52dafe1c3208ed519bc0238c06ad4e18000000000000000104f5a1000100010000410a5430ccec94b06bfa128418a2fb989e28ce3b66676a03ff705df3f1b472cea376796db4efff45015b2b198a00950fa3c9a556de2587c5da77c0002b66abf8f4923549112b71c7854bb9597b84b117bb1a9c689c3709a163cc16cb014a9de3acb2019ab1c2376a98848af0cfaf98dd2e6eebc7324ace840c2bcf86832c9c49ebb89b52dafe1c3208ed519bc0238c06ad4e18ce3b66676a03ff705df3f1b472cea376796db4efff45015b2b198a00950fa3c95430ccec94b06bfa128418a2fb989e28000000000000000100767103a9fabcafa62fd631cdb1de3e5ab208afba9d41f71fb4c17601c289874b910e8054b4b2b2a86e66e1ac542dd1bbe5142f4522ac05fd05d67939396cf20aaaa86bb37362541d4f4a75e8861f9818e720101a1e893d0329fa2ca623ab03b99cd98cd662da573b9ed161addbd22f3074b30d6615b3e79d6fff5659ca746006', 1, '\xb79e794018bd77c69df0bbea6f870c3a75aa57f782d4db40602ae80c0c151a5f', 20717);
INSERT INTO public.accounts VALUES ('\xbf39500afc3c596bdca0db27c4d11d6d', '\x519145b0268f8b8cea6f9dd3e27ad9c96c188eefd85e4f73ce880d9bce71f13e', '\x322c3375bdcbd3a0713ed0354c19f5fe1b7acf4dd6850f12b9f2852ea2b80b17', '\x01bf39500afc3c596bdca0db27c4d11d6d519145b0268f8b8cea6f9dd3e27ad9c96c188eefd85e4f73ce880d9bce71f13e000000000000000104f5a1000100010000410a4fc376d4d6c0dc8c6db5cc3f04b1e432d8b7d6c6b4f3cf021c23df30ae2563a80efe68a18c277849d574322500c26ea2e981d6e4ccc2279a883d1dfc9744b6c6db642689624f0609ca3e7fe180cb8bacd01fe154a8746048c5d302adc3b75ce901bf39500afc3c596bdca0db27c4d11d6d519145b0268f8b8cea6f9dd3e27ad9c96c188eefd85e4f73ce880d9bce71f13ed8b7d6c6b4f3cf021c23df30ae2563a80efe68a18c277849d574322500c26ea24fc376d4d6c0dc8c6db5cc3f04b1e432000000000000000100d7181faad3a9afdcbe1a16a449a20ece4d494371d26e3c4c6f9a539865269a6cb87b11ba7731dda50a5df3e4fc3435cdbe9bf1c3de643103ffb73bd44dc366012c3d1fa8829f2ee24f65af7b24775d0a7d9cea16703ff175f76cbca78df582fc88c01fa220b6f1448a1c8b1a8ce88bbcf8185930c6a0c83395468eae36d6100a', 1, '\x3ccfc1fb9aac1b6a684b01ded4dd0d26d505863c03936da3fdf229e1cb243436', 20717);
INSERT INTO public.codes VALUES ('\x3749cb48ee6e8dd6738012fc45cdabda219ccc1a1c46b6525d0f2072a65d90e4', 3, 0);
INSERT INTO public.devices VALUES ('\x9ab1c2376a98848af0cfaf98dd2e6eeb', '\x5430ccec94b06bfa128418a2fb989e28', '\xa556de2587c5da77c0002b66abf8f4923549112b71c7854bb9597b84b117bb1a', '\xf20d360e0eb03801ca87f99431ad28800284bd2c4659599f2f8778a866dfcea3', '\x9c689c3709a163cc16cb014a9de3acb2');
INSERT INTO public.devices VALUES ('\xbf39500afc3c596bdca0db27c4d11d6d', '\x4fc376d4d6c0dc8c6db5cc3f04b1e432', '\xe981d6e4ccc2279a883d1dfc9744b6c6db642689624f0609ca3e7fe180cb8bac', '\xeaaf1d8256f5ae3c9064e9f502b1d54857e7284e1ba6f502c66601f81a0d7aa2', '\xd01fe154a8746048c5d302adc3b75ce9');
INSERT INTO public.handles VALUES ('ana', '\x9ab1c2376a98848af0cfaf98dd2e6eeb');
INSERT INTO public.handles VALUES ('ben', '\xbf39500afc3c596bdca0db27c4d11d6d');
INSERT INTO public.mailbox_heads VALUES ('\x9c689c3709a163cc16cb014a9de3acb2', 446579259698);
INSERT INTO public.mailbox_heads VALUES ('\xd01fe154a8746048c5d302adc3b75ce9', 1086815103321);
INSERT INTO public.schema_version VALUES (1, 4);
ALTER TABLE ONLY public.accounts
    ADD CONSTRAINT accounts_pkey PRIMARY KEY (account_id);
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
CREATE INDEX handles_of_account ON public.handles USING btree (account_id);
