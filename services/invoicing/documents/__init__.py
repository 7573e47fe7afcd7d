"""Lines become invoices and credit notes, with numbers and due dates."""
