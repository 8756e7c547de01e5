// Imported before anything of dist/ by whatever runs what is built: a stale one would be tested in the place of src/.
import { isBuilt } from '../scripts/build.mjs'

if (!isBuilt()) {
  throw new Error('dist/ is missing or older than src/, and this runs what is built. Run "npm run build".')
}
