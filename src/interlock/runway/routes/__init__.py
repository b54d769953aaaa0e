"""Pages and the JSON API. A route fetches a view model and hands it on; it decides nothing and speaks to no rail."""
