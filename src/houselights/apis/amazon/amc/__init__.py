"""Marketing Cloud: accounts, instances, connections, terms, advertiser audiences and their records."""
