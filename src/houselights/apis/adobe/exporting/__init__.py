"""`/export/jobs`: members and chosen fields of them, as Parquet."""
