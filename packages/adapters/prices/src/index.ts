export { loadPriceOf, type PriceOverride } from './price-of.ts'
