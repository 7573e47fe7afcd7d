"""What a document says, in no language and no format yet: vouchers, letters, parties, payments."""

from services.notifications.rendering.documents.letters import Notice, Reminder, Statement
from services.notifications.rendering.documents.vouchers import Voucher

Document = Voucher | Reminder | Notice | Statement
