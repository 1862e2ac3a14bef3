//! What holds for any query and any record.
