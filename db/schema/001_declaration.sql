-- One row for each declaration that the port listed or a file contained. It has all columns that the table shows or
-- filters search, except those of items. Missing texts are '', missing numbers and dates NULL, as in the model.
CREATE SEQUENCE declaration_id;

CREATE TABLE declaration (
    id INTEGER PRIMARY KEY DEFAULT nextval('declaration_id'),
    entry_id VARCHAR NOT NULL UNIQUE,
    kind VARCHAR NOT NULL,
    origin VARCHAR NOT NULL,

    -- from the port's list
    exported_on DATE,
    exit_customs VARCHAR NOT NULL,
    reported_at TIMESTAMP,              -- local time of the port
    usd_amount DECIMAL(19, 4),
    port_prints BIGINT NOT NULL,
    transfer_state VARCHAR NOT NULL,
    dec_flag VARCHAR NOT NULL,
    container_flag VARCHAR NOT NULL,
    detail_token VARCHAR NOT NULL,

    -- copied from the detail
    destination_country VARCHAR NOT NULL DEFAULT '',
    consignor_name VARCHAR NOT NULL DEFAULT '',
    contract_no VARCHAR NOT NULL DEFAULT '',
    trade_mode VARCHAR NOT NULL DEFAULT '',
    item_count INTEGER,
    goods VARCHAR NOT NULL DEFAULT '',
    has_detail BOOLEAN NOT NULL,
    detail_due BOOLEAN NOT NULL,        -- the detail must be fetched: it is missing or outdated

    -- what this program did, in UTC; journal and outbox have the details
    printed_here BIGINT NOT NULL DEFAULT 0,
    print_count BIGINT GENERATED ALWAYS AS (port_prints + printed_here),
    downloaded_at TIMESTAMP,
    resent_at TIMESTAMP,

    -- for filters: folded text, line feed, pinyin initials (db/search.py)
    port_search VARCHAR NOT NULL,
    state_search VARCHAR NOT NULL,
    country_search VARCHAR NOT NULL DEFAULT '',
    consignor_search VARCHAR NOT NULL DEFAULT '',
    contract_search VARCHAR NOT NULL DEFAULT '',
    trade_search VARCHAR NOT NULL DEFAULT ''
);

-- 报关单表头: the fields of `Head`. `unread` has the values that could not be parsed, as JSON. Replaced with its items.
CREATE TABLE head (
    declaration_id INTEGER NOT NULL,
    entry_id VARCHAR NOT NULL,
    unified_no VARCHAR NOT NULL,
    pre_entry_id VARCHAR NOT NULL,
    status VARCHAR NOT NULL,
    a_flag VARCHAR NOT NULL,
    amendment_count BIGINT,
    rtx_type VARCHAR NOT NULL,
    edi_note VARCHAR NOT NULL,
    declared_on DATE,
    exported_on DATE,
    consignor_code VARCHAR NOT NULL,
    consignor_name VARCHAR NOT NULL,
    owner_code VARCHAR NOT NULL,
    owner_name VARCHAR NOT NULL,
    agent_code VARCHAR NOT NULL,
    agent_name VARCHAR NOT NULL,
    enterprise_kind VARCHAR NOT NULL,
    tax_payer VARCHAR NOT NULL,
    declaration_customs VARCHAR NOT NULL,
    exit_customs VARCHAR NOT NULL,
    transport_mode VARCHAR NOT NULL,
    transport_name VARCHAR NOT NULL,
    voyage_no VARCHAR NOT NULL,
    bill_no VARCHAR NOT NULL,
    destination_country VARCHAR NOT NULL,
    destination_port VARCHAR NOT NULL,
    district VARCHAR NOT NULL,
    trade_mode VARCHAR NOT NULL,
    cut_mode VARCHAR NOT NULL,
    settlement VARCHAR NOT NULL,
    trans_mode VARCHAR NOT NULL,
    contract_no VARCHAR NOT NULL,
    manual_no VARCHAR NOT NULL,
    freight_mark VARCHAR NOT NULL,
    freight_currency VARCHAR NOT NULL,
    freight DECIMAL(19, 5),             -- a rate or an amount, depending on the mark
    insurance_mark VARCHAR NOT NULL,
    insurance_currency VARCHAR NOT NULL,
    insurance DECIMAL(19, 5),
    other_mark VARCHAR NOT NULL,
    other_currency VARCHAR NOT NULL,
    other DECIMAL(19, 5),
    package_count BIGINT,
    wrap_type VARCHAR NOT NULL,
    gross_weight DECIMAL(19, 5),
    net_weight DECIMAL(19, 5),
    container_count VARCHAR NOT NULL,
    container_ids VARCHAR NOT NULL,
    licence_no VARCHAR NOT NULL,
    certificates VARCHAR NOT NULL,
    approval_no VARCHAR NOT NULL,
    remarks VARCHAR NOT NULL,
    unread VARCHAR NOT NULL
);

-- 报关单表体: the fields of `Item`. `position` is its place in the port's response.
CREATE TABLE item (
    declaration_id INTEGER NOT NULL,
    position INTEGER NOT NULL,
    number BIGINT NOT NULL,
    hs_code VARCHAR NOT NULL,
    hs_suffix VARCHAR NOT NULL,
    manual_item VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    model VARCHAR NOT NULL,
    quantity DECIMAL(19, 5),
    unit VARCHAR NOT NULL,
    first_quantity DECIMAL(19, 5),
    first_unit VARCHAR NOT NULL,
    second_quantity DECIMAL(19, 5),
    second_unit VARCHAR NOT NULL,
    price DECIMAL(19, 4),
    total DECIMAL(19, 4),
    currency VARCHAR NOT NULL,
    destination_country VARCHAR NOT NULL,
    duty_mode VARCHAR NOT NULL,
    usd_value DECIMAL(19, 4),
    cny_value DECIMAL(19, 4),
    freight_and_insurance DECIMAL(19, 4),
    levy_rate DECIMAL(19, 5),
    refund_rate DECIMAL(19, 5),
    producer VARCHAR NOT NULL,
    amendment_count BIGINT,
    unread VARCHAR NOT NULL,
    name_search VARCHAR NOT NULL        -- for filters, as in `declaration`
);
