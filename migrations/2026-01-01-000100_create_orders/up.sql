CREATE TABLE orders (
    id BIGINT IDENTITY(1, 1),
    user_id BIGINT NOT NULL REFERENCES users (id),
    item VARCHAR(100) NOT NULL,
    amount DECIMAL(12, 2) NOT NULL,
    ordered_at TIMESTAMP NOT NULL DEFAULT GETDATE()
)
BACKUP NO
DISTKEY (user_id)
SORTKEY (ordered_at);
