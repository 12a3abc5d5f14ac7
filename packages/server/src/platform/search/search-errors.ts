import { defineErrors } from '@fairlead/kernel';

export const searchErrors = defineErrors('platform/search', {
  SEARCH_INVALID: {
    status: 400,
    fault: 'user',
    title: 'The search cannot be carried out as it stands',
    remedy: 'Correct the condition or the order that the message names; the documentation lists what each field takes.',
  },
  SEARCH_TOO_LARGE: {
    status: 400,
    fault: 'user',
    title: 'The search has more conditions, keys or text than is allowed',
    remedy: 'Ask for less at once: fewer conditions, shorter lists and texts, or a smaller page.',
  },
  SEARCH_PAGE_TOKEN_INVALID: {
    status: 400,
    fault: 'user',
    title: 'The page token does not belong to this search',
    remedy: 'Send the nextPageToken of the page before unchanged, with the same conditions and order.',
  },
});
