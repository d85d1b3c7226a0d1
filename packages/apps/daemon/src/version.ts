/** The product's version; a test compares it with the CLI's package. */
export const version = '0.1.0'
