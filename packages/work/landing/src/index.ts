export { landChange, type Change, type Landing, type LandingContext } from './land-change.ts'
