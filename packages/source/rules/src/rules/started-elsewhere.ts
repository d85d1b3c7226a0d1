import picomatch from 'picomatch'

/** Files that a tool or framework finds by their place: no import will ever name them. */
export function isStartedElsewhere(path: string): boolean {
  const known = memo.get(path)
  if (known !== undefined) return known
  const found = matches(path)
  memo.set(path, found)
  return found
}

// Asked for every file after every changed import; paths repeat, globs are slow.
const memo = new Map<string, boolean>()

const matches = picomatch(
  [
    '**/*.{test,spec,bench,stories,story,config,setup,e2e,d,test-d,cy,worker}.{ts,tsx,mts,cts,js,jsx,mjs,cjs}',
    '**/{test,tests,__tests__,__mocks__,__fixtures__,fixtures,fixture,__testfixtures__,testfixtures,test-util,test-utils,testutils,testing,*-tests,perf-*,snippets,*-snippets,stubs,polyfills,shims,e2e,__e2e__,examples,example,bench,benchmark,benchmarks,scripts,script,tools,playground,playgrounds,stories,migrations,demo,demos,templates,template,.storybook,.github,docs,website,dts-test,type-tests,typetests,test-d,perf,bin,config}/**',
    '**/node/{assert,buffer,console,crypto,events,fs,http,https,module,net,os,path,process,stream,timers,tls,tty,url,util,vm,zlib}.{ts,mts,cts}',
    '**/{pages,app,routes,api}/**/*.{ts,tsx,js,jsx}',
    '**/{test,vitest,jest}-{util,utils,setup,helpers}.{ts,tsx,mts,cts}',
    '**/.*',
    '**/.*/**',
    '**/*.config.*',
    '**/{vitest,jest,vite,rollup,webpack,tsup,eslint,prettier,karma,babel,metro,next,nuxt,svelte,gulpfile,gruntfile}*.{ts,js,mjs,cjs,mts,cts}',
  ],
  { dot: true },
)
