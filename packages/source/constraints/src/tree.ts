export { listTree } from './list-tree.ts'
export { sourceRoot } from './source-root.ts'
