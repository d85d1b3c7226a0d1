export { buildPackage, type BuildOptions } from './build-package.ts'
