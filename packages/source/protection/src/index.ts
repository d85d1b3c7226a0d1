export { askedAbout, type Asked, type Span } from './asked-about.ts'
