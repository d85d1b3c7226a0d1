export { createPriceOf, type PriceOverride } from './price-of.ts'
