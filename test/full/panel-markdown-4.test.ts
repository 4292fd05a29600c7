// Issue 6: incremental Markdown equals one render of the whole, wherever it is cut: share 4 of four.
import { cutTier } from '../e2e/panel/support/cut-tier.ts';

cutTier(4);
