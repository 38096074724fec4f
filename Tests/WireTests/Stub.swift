// Filled by the first commit of its own.
