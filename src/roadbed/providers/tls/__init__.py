"""Keys and certificates, made here and kept in the state: for services that speak TLS among themselves."""
