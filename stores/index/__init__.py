"""The index that recall searches: keywords and vectors of one workspace's insights, in this process's memory."""
