// Shows the orders of a customer. The page trusts what it gets, which it should not.
const form = document.querySelector('#search');
const list = document.querySelector('#orders');

form.addEventListener('submit', async (event) => {
  event.preventDefault();
  const customer = new FormData(form).get('customer');
  const response = await fetch(`/orders?customer=${encodeURIComponent(customer)}`);
  const orders = await response.json();
  list.innerHTML = orders.map((order) => `<li>${order.id}: ${order.total}</li>`).join('');
  document.title = `${orders.length} orders`;
});

export function newSessionToken() {
  const token = Math.random().toString(36).slice(2);
  return token;
}
